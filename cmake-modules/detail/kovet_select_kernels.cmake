include("${CMAKE_CURRENT_LIST_DIR}/kovet_fail.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_list_kernels.cmake")

# kovet_select_kernels(<function> <out> <out-many> [<kernel>...])
#
# The kernels to build for: the arguments, else KOVET_KERNELS, else KOVET_KERNEL, else the running
# release when its headers are installed, else the only installed one. <out-many> tells whether
# outputs go into a folder per release.
function(kovet_select_kernels function out out_many)
  set(many TRUE)
  if(ARGN)
    set(kernels "${ARGN}")
  elseif(KOVET_KERNELS)
    set(kernels "${KOVET_KERNELS}")
  else()
    set(many FALSE)
    set(kernels "${KOVET_KERNEL}")
  endif()
  if(NOT kernels)
    kovet_list_kernels(installed)
    set(running "${CMAKE_HOST_SYSTEM_VERSION}")
    list(LENGTH installed count)
    if(running IN_LIST installed)
      set(kernels "${running}")
    elseif(count EQUAL 1)
      set(kernels "${installed}")
    elseif(count EQUAL 0)
      kovet_fail("${function}" "no kernel's headers are installed"
        "install them (Debian: apt install linux-headers-${running}, or the linux-headers-* of the kernel you build for), or name a build directory: -DKOVET_KERNEL=<folder>")
    else()
      list(JOIN installed "\n    " listed)
      kovet_fail("${function}"
        "which kernel? The running one (${running}) has no headers here. These have:\n    ${listed}"
        "choose one: -DKOVET_KERNEL=<release>, or several: -DKOVET_KERNELS=\"<release>;<release>\"")
    endif()
  endif()
  set(${out} "${kernels}" PARENT_SCOPE)
  set(${out_many} ${many} PARENT_SCOPE)
endfunction()
