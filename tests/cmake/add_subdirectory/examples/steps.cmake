need_kernels(1 kernels)
if(skip)
  return()
endif()
list(GET kernels 0 kernel)
# The same flags as the build under test, so that ccache has every object.
configure("-DKOVET_KERNEL=${kernel}" "-Dkovet_source=${kovet_source}" -DCMAKE_BUILD_TYPE=Release
  "-Dexamples=hello;two-modules;existing-driver")
build(--target hello counter_user ticker)
expect_file("${binary}/hello/hello.ko")
expect_file("${binary}/two-modules/counter_user.ko")
expect_file("${binary}/existing-driver/ticker.ko")
