need_kernels(1 kernels)
if(skip)
  return()
endif()
need_image(kernel image ${kernels})
if(skip)
  return()
endif()
find_program(ctest ctest REQUIRED NO_CACHE)
configure("-DKOVET_KERNEL=${kernel}" "-Dimage=${image}")
build()
string(REGEX REPLACE "([.+])" "\\\\\\1" release "${kernel}")  # as a regular expression

set(load "${ctest}" --test-dir "${binary}" --output-on-failure --parallel 2)
run(text FALSE "100% tests passed" ${load} -R "^(linked|parameters)$")
run(text TRUE "its init failed: ENODEV .No such device.* 1 modules: 0 loaded, 1 init failed; 1 boot of ${release}"
  ${load} -R "^init_fails$")

# The label.
run(text FALSE "Test #1: linked .*Test #2: parameters .*Test #3: init_fails.*Total Tests: 3"
  ${load} -N -L "^kovet-load$")

# What is missing is a stated skip on a developer's machine, and a failure in CI.
set(bare "${CMAKE_COMMAND}" -E env PATH=/nowhere)
run(text FALSE "apt install qemu-system-x86.*linked .*Skipped" ${bare} --unset=CI ${load} -V -R "^linked$")
run(text TRUE "apt install qemu-system-x86" ${bare} CI=true ${load} -R "^linked$")
if(NOT EXISTS "/boot/vmlinuz-${kernel}")
  configure("-DKOVET_KERNEL=${kernel}" -Dimage=)
  set(hint "has no image that could be booted.*apt install linux-image-${release}, or name a vmlinuz")
  run(text FALSE "${hint}.*linked .*Skipped" "${CMAKE_COMMAND}" -E env --unset=CI ${load} -V -R "^linked$")
  run(text TRUE "${hint}" "${CMAKE_COMMAND}" -E env CI=true ${load} -R "^linked$")
endif()
# An image that is named must be there.
configure("-DKOVET_KERNEL=${kernel}" "-Dimage=${scratch}/none")
run(text TRUE "/none" "${CMAKE_COMMAND}" -E env --unset=CI ${load} -R "^linked$")
