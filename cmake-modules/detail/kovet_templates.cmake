# kovet_templates(<out>)
#
# The folder of templates: beside the functions when installed, at the top of the source tree else.
function(kovet_templates out)
  set(folder "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../templates")
  if(NOT EXISTS "${folder}/modprobe.d.conf.in")
    set(folder "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../../templates")
  endif()
  get_filename_component(folder "${folder}" ABSOLUTE)
  set(${out} "${folder}" PARENT_SCOPE)
endfunction()
