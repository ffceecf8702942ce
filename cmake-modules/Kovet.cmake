# All public functions of Kovet. Including this file defines them and does nothing else.
cmake_policy(PUSH)
cmake_policy(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/kovet_add_kbuild_project.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_add_load_test.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_add_module.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_install.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_package.cmake")
cmake_policy(POP)
