need_kernels(1 kernels)
if(skip)
  return()
endif()
list(GET kernels 0 kernel)
# The validator is compiled with the project. The flags of the ci preset, so that ccache has every object of a run of all tests.
set(launcher "")
find_program(ccache ccache)
if(ccache)
  set(launcher "-DCMAKE_C_COMPILER_LAUNCHER=${ccache}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${ccache}")
endif()
file(COPY "${kovet_source}/tests/cmake/add_subdirectory/examples/CMakeLists.txt" "${kovet_source}/examples/hello"
  DESTINATION "${source}")
configure(${launcher} "-DKOVET_KERNEL=${kernel}" "-Dkovet_source=${kovet_source}" -DCMAKE_BUILD_TYPE=Debug
  -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DKOVET_WARNINGS_AS_ERRORS=ON
  -Dway=FetchContent -Dexamples=hello)
build(--target hello)
expect_file("${binary}/example-hello/hello.ko")
