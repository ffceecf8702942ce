# kovet_project_files(<folder> <out> <LIST_DIRECTORIES: true or false> <pattern>...)
#
# What is below a driver's source folder, relative to it, by file(GLOB_RECURSE) patterns. Build folders
# of CMake in it are none of its sources: this build's own may be one.
function(kovet_project_files folder out directories)
  list(TRANSFORM ARGN PREPEND "${folder}/" OUTPUT_VARIABLE patterns)
  file(GLOB_RECURSE entries LIST_DIRECTORIES ${directories} RELATIVE "${folder}" ${patterns})
  file(GLOB_RECURSE caches RELATIVE "${folder}" "${folder}/CMakeCache.txt")
  foreach(cache IN LISTS caches)
    get_filename_component(build "${cache}" DIRECTORY)
    if(build)
      string(REGEX REPLACE "([][+.*?()^$|])" "\\\\\\1" build "${build}")
      list(FILTER entries EXCLUDE REGEX "^${build}(/|$)")
    endif()
  endforeach()
  set(${out} "${entries}" PARENT_SCOPE)
endfunction()
