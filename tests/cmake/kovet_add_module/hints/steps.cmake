# What make says comes through, and a hint follows where one is known.
need_kernels(1 kernels)
if(skip)
  return()
endif()
list(GET kernels 0 kernel)
# goes_wrong(<definition> <what make says> <the hint>)
function(goes_wrong definition said hint)
  configure("-DKOVET_KERNEL=${kernel}" "-Ddefinitions=${definition}")
  build(EXPECT_ERROR "${said}.*Kovet: hint: ${hint}")
  expect_no_file("${binary}/hints.ko")
endfunction()
goes_wrong(OUTSIDE "ERROR: modpost: \"nobody_has_this\" .* undefined!"
  "nobody_has_this is exported neither by the kernel nor by a module .*LINK_MODULES")
goes_wrong(NO_LICENSE "ERROR: modpost: missing MODULE_LICENSE\\(\\) in " "add MODULE_LICENSE")
goes_wrong(NAMESPACE "modpost: module hints uses symbol dma_buf_put from namespace DMA_BUF"
  "add MODULE_IMPORT_NS\\(DMA_BUF\\) to a source of hints")
goes_wrong(PROPRIETARY "modpost: GPL-incompatible module hints.ko uses GPL-only symbol 'sched_set_fifo'"
  "sched_set_fifo is for modules under a licence compatible with the GPL")
goes_wrong(TWICE "modpost: [^ ]*hints: 'sched_set_fifo' exported twice"
  "vmlinux exports sched_set_fifo already, .*give it another name in [^ ]*hints, or drop its EXPORT_SYMBOL\\(\\)")
goes_wrong(NO_HEADER "nowhere.h: No such file or directory" "nowhere.h is in no folder that is searched")
# In a UTF-8 locale the compiler quotes with three bytes.
foreach(locale C C.UTF-8)
  set(ENV{LC_ALL} "${locale}")
  goes_wrong(UNDECLARED "implicit declaration of function" "this kernel does not declare nobody_declares_this in .*grep -rw nobody_declares_this <kernel>/include")
endforeach()
set(ENV{LC_ALL} C)
# A warning does not fail the build, and has its hint all the same.
configure(-Ddefinitions=MISMATCH)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${binary}" OUTPUT_VARIABLE text ERROR_VARIABLE text)
if(NOT text MATCHES "section mismatch" OR NOT text MATCHES "Kovet: hint: code that stays uses")
  fail("a section mismatch and its hint expected:\n${text}")
endif()
configure(-Ddefinitions=)
build()
if(output MATCHES "Kovet: hint")
  fail("nothing went wrong:\n${output}")
endif()
