include("${CMAKE_CURRENT_LIST_DIR}/kovet_defer.cmake")

# kovet_bound_jobs(<target>)
#
# Under Ninja, which has no jobserver to share: the makes of all modules run in one pool, and their
# numbers of jobs add up to KOVET_JOBS at most (default: the number of processors). The share of
# each is known when all modules are declared, so it is set then, as the targets' property
# KOVET_JOBS.
function(kovet_bound_jobs target)
  get_property(targets DIRECTORY "${CMAKE_SOURCE_DIR}" PROPERTY KOVET_JOB_TARGETS)
  if(NOT targets)
    kovet_defer(kovet_share_jobs)
  endif()
  set_property(DIRECTORY "${CMAKE_SOURCE_DIR}" APPEND PROPERTY KOVET_JOB_TARGETS "${target}")
endfunction()

function(kovet_share_jobs)
  set(jobs "${KOVET_JOBS}")
  if(NOT jobs)
    cmake_host_system_information(RESULT jobs QUERY NUMBER_OF_LOGICAL_CORES)
  endif()
  get_property(targets DIRECTORY "${CMAKE_SOURCE_DIR}" PROPERTY KOVET_JOB_TARGETS)
  list(LENGTH targets depth)
  if(depth GREATER jobs)
    set(depth ${jobs})
  endif()
  math(EXPR share "${jobs} / ${depth}")
  set_property(GLOBAL APPEND PROPERTY JOB_POOLS kovet=${depth})
  set_property(TARGET ${targets} PROPERTY KOVET_JOBS ${share})
endfunction()
