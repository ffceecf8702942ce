# What Debian's policy asks of each package: a changelog and a copyright file.

# kovet_debian_documents(<project> <package> <folder> <out>)
#
# In an install component of their own, which <out> adds to CPACK_INSTALL_CMAKE_PROJECTS. Reads
# kovet_package's variables: version, maintainer, license.
function(kovet_debian_documents project package folder out)
  kovet_debian_document_files("${project}" "${package}" "${folder}" "${version}" "${maintainer}" "${license}" files)
  install(FILES ${files} DESTINATION "share/doc/${package}"
    COMPONENT "kovet-${package}-documents" EXCLUDE_FROM_ALL)
  set(${out} ";${CMAKE_BINARY_DIR};${project};kovet-${package}-documents;/" PARENT_SCOPE)
endfunction()

# kovet_debian_document_files(<project> <package> <folder> <version> <maintainer> <license> <out>): writes them.
function(kovet_debian_document_files project package folder version maintainer license out)
  string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
  string(TIMESTAMP year "%Y" UTC)
  file(CONFIGURE OUTPUT "${folder}/changelog" @ONLY CONTENT
"@package@ (@version@) unstable; urgency=medium

  * Version @version@.

 -- @maintainer@  @date@
")
  set(changelog "${folder}/changelog")
  find_program(gzip gzip NO_CACHE)
  if(gzip)
    execute_process(COMMAND "${gzip}" -9 -n -c "${folder}/changelog" OUTPUT_FILE "${folder}/changelog.gz"
      COMMAND_ERROR_IS_FATAL ANY)
    string(APPEND changelog ".gz")
  endif()

  # The names of Debian's copyright format, and the texts that each Debian system has.
  string(REGEX REPLACE "-only$" "" name "${license}")
  string(REGEX REPLACE "-or-later$" "+" name "${name}")
  string(REGEX REPLACE "\\.0(\\+?)$" "\\1" name "${name}")
  string(REPLACE "Apache-2" "Apache-2.0" name "${name}")
  string(REPLACE "MPL-2" "MPL-2.0" name "${name}")
  string(REGEX REPLACE "\\+$" "" text "${name}")
  set(where " Its text comes with the sources of ${project}.")
  if(text MATCHES "^(Apache-2.0|GPL-[123]|LGPL-(2|2.1|3)|MPL-(1.1|2.0))$")
    set(where " On Debian systems its text is in /usr/share/common-licenses/${text}.")
  endif()
  file(CONFIGURE OUTPUT "${folder}/copyright" @ONLY CONTENT
"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: @project@
Upstream-Contact: @maintainer@

Files: *
Copyright: @year@, the authors of @project@
License: @name@
@where@
")
  set(${out} "${changelog};${folder}/copyright" PARENT_SCOPE)
endfunction()
