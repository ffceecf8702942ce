# Run by cmake --install, with `settings`, the settings files of the kernels, and `extra`, further
# files as "<file>|<destination>": puts the modules of all these kernels into place.
#
# Everything is made ready first, for all kernels: copied into a folder of the build, compressed,
# validated as it will lie there, held against the options that are to be written. Then it is copied
# beside its final names. Nothing that is installed already changes before the last step, which
# renames; where one of the names cannot be given, all are as they were.
include("${CMAKE_CURRENT_LIST_DIR}/install_steps.cmake")

set(root "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}")
if(root MATCHES "^/+$")
  set(root "")
else()
  string(REGEX REPLACE "/+$" "" root "${root}")
endif()
set(is_live FALSE)
set(etc "${root}/etc")
if(CMAKE_INSTALL_PREFIX MATCHES "^(/usr)?/?$")
  # /usr has its configuration in /etc; other prefixes have their own.
  set(etc "$ENV{DESTDIR}/etc")
  if("$ENV{DESTDIR}" STREQUAL "")
    set(is_live TRUE)
  endif()
endif()

set(from_files "")
set(to_files "")
foreach(one IN LISTS settings)
  kovet_install_prepare("${one}")
endforeach()
foreach(pair IN LISTS extra)
  string(REPLACE "|" ";" pair "${pair}")
  list(GET pair 0 from)
  list(GET pair 1 to)
  string(REGEX REPLACE "^@etc@" "${etc}" to "${to}")
  string(REGEX REPLACE "^@root@" "${root}" to "${to}")
  list(APPEND from_files "${from}")
  list(APPEND to_files "${to}")
endforeach()
kovet_install_publish()
foreach(one IN LISTS settings)
  kovet_install_finish("${one}")
endforeach()
