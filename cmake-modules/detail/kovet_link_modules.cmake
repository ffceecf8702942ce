include("${CMAKE_CURRENT_LIST_DIR}/kovet_fail.cmake")

# kovet_link_modules(<function> <target> <release> <out-symvers> <out-kos> <out-imported> <linked>...)
#
# What the targets that a module uses symbols of provide for one kernel: their symvers files and
# their .ko files. A target of another package has the same properties, KOVET_RELEASE, KOVET_KO
# and KOVET_SYMVERS, and is imported; its .ko files are in <out-imported> too.
function(kovet_link_modules function target release out_symvers out_kos out_imported)
  set(symvers "")
  set(kos "")
  set(imported_kos "")
  foreach(linked IN LISTS ARGN)
    if(NOT TARGET "${linked}")
      kovet_fail("${function}" "${target}: LINK_MODULES names ${linked}, and there is no such target"
        "declare ${linked} before ${target}, or find_package() the package that has it")
    endif()
    get_target_property(releases "${linked}" KOVET_RELEASE)
    get_target_property(linked_symvers "${linked}" KOVET_SYMVERS)
    get_target_property(linked_kos "${linked}" KOVET_KO)
    get_target_property(imported "${linked}" IMPORTED)
    if(NOT releases OR NOT linked_symvers)
      kovet_fail("${function}" "${target}: LINK_MODULES names ${linked}, which is no kernel module"
        "name targets of kovet_add_module or kovet_add_kbuild_project")
    endif()
    list(FIND releases "${release}" index)
    if(index EQUAL -1)
      list(JOIN releases ", " listed)
      kovet_fail("${function}"
        "${target}: ${linked} is not built for kernel ${release}, only for ${listed}"
        "build both for the same kernels (KERNELS, KOVET_KERNEL, KOVET_KERNELS)")
    endif()
    list(GET linked_symvers ${index} one)
    list(APPEND symvers "${one}")
    # One .ko per release, or one release; a project of several modules names its target's own.
    if(TARGET "${linked}-${release}")
      get_target_property(linked_kos "${linked}-${release}" KOVET_KO)
    else()
      list(LENGTH releases count)
      list(LENGTH linked_kos kos_count)
      if(count GREATER 1 AND count EQUAL kos_count)
        list(GET linked_kos ${index} linked_kos)
      endif()
    endif()
    list(APPEND kos ${linked_kos})
    if(imported)
      list(APPEND imported_kos ${linked_kos})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES symvers)
  set(${out_symvers} "${symvers}" PARENT_SCOPE)
  set(${out_kos} "${kos}" PARENT_SCOPE)
  set(${out_imported} "${imported_kos}" PARENT_SCOPE)
endfunction()
