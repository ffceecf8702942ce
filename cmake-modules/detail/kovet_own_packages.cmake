# Included by Kovet's own top-level CMakeLists.txt: what cpack needs to package Kovet itself.
set(CPACK_PACKAGE_NAME kovet)
set(CPACK_PACKAGE_VENDOR "Kovet")
set(contact "Kovet maintainers <root@localhost>")
if(NOT "$ENV{DEBFULLNAME}" STREQUAL "" AND NOT "$ENV{DEBEMAIL}" STREQUAL "")
  set(contact "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
endif()
set(KOVET_PACKAGE_CONTACT "${contact}" CACHE STRING "Maintainer named in Kovet's own packages")
mark_as_advanced(KOVET_PACKAGE_CONTACT)
set(CPACK_PACKAGE_CONTACT "${KOVET_PACKAGE_CONTACT}")
set(CPACK_PACKAGE_VERSION "${Kovet_VERSION}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${Kovet_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION "CMake functions that build, sign, install and package modules for one or many
kernels, and a validator that says what a kernel's loader would do with a
module, and why, before anything is loaded.")
set(CPACK_RESOURCE_FILE_LICENSE "${Kovet_SOURCE_DIR}/LICENSE")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
# Whatever the umask of who packages.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_GENERATOR TGZ)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "cmake, make, kmod")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "qemu-system-x86, dkms")
set(documents "${CMAKE_CURRENT_BINARY_DIR}/package-documents")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_debian_documents.cmake")
kovet_debian_document_files(kovet kovet "${documents}" "${Kovet_VERSION}" "${KOVET_PACKAGE_CONTACT}" Apache-2.0 CPACK_KOVET_DOCUMENTS)
set(CPACK_PRE_BUILD_SCRIPTS "${CMAKE_CURRENT_LIST_DIR}/script/own_documents.cmake")
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE "Apache-2.0")
set(CPACK_RPM_PACKAGE_AUTOREQ ON)
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /usr/share/man /usr/share/man/man1
  /usr/share/bash-completion /usr/share/bash-completion/completions /usr/share/zsh
  /usr/share/zsh/site-functions /usr/share/fish /usr/share/fish/vendor_completions.d
  /usr/lib/cmake)
include(CPack)
