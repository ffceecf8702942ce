# Included where a driver's source folder is searched or named in a depfile: sets place to the folder, or
# to a link to it beside the work folder where its name has characters that globbing, make or Ninja take
# for something else.
include("${CMAKE_CURRENT_LIST_DIR}/../kovet_unsafe_path.cmake")
set(place "${project}")
kovet_unsafe_path("${project}" unsafe)
if(unsafe)
  set(place "${work}.source")
  if(IS_SYMLINK "${place}")
    file(READ_SYMLINK "${place}" old)
  endif()
  if(NOT old STREQUAL project)
    file(CREATE_LINK "${project}" "${place}" SYMBOLIC)
  endif()
endif()
