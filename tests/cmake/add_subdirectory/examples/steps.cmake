need_kernels(1 kernels)
if(skip)
  return()
endif()
list(GET kernels 0 kernel)
# The flags of the ci preset, so that ccache has every object of a run of all tests.
set(launcher "")
find_program(ccache ccache)
if(ccache)
  set(launcher "-DCMAKE_C_COMPILER_LAUNCHER=${ccache}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${ccache}")
endif()
configure(${launcher} "-DKOVET_KERNEL=${kernel}" "-Dkovet_source=${kovet_source}" -DCMAKE_BUILD_TYPE=Debug
  -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DKOVET_WARNINGS_AS_ERRORS=ON
  "-Dexamples=hello;two-modules;existing-driver")
build(--target hello counter_user ticker)
expect_file("${binary}/hello/hello.ko")
expect_file("${binary}/two-modules/counter_user.ko")
expect_file("${binary}/existing-driver/ticker.ko")
