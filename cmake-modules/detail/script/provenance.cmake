# Run by pack.cmake after a package was made: cmake -D config=<file> -D package=<file> -P provenance.cmake
#
# Writes the provenance report beside the package: an in-toto statement (in-toto.io/Statement/v1)
# with the test-result predicate. Its subjects are the package, and each module with its kernel and
# verdict: the file that is packed, and, where that is compressed, what is inside.
cmake_minimum_required(VERSION 3.25)
include("${config}")
include("${CMAKE_CURRENT_LIST_DIR}/verify_signatures.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/write_whole.cmake")

function(json_string text out)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  set(${out} "\"${text}\"" PARENT_SCOPE)
endfunction()

function(add_subject file name)
  file(SHA256 "${file}" digest)
  json_string("${name}" name)
  list(APPEND subjects "    { \"name\": ${name}, \"digest\": { \"sha256\": \"${digest}\" }${ARGN} }")
  set(subjects "${subjects}" PARENT_SCOPE)
endfunction()

set(subjects "")
set(passed "")
get_filename_component(package_name "${package}" NAME)
add_subject("${package}" "${package_name}")
json_string("${release}" release_json)
foreach(run IN LISTS runs)
  if(certificate_${run})
    kovet_verify_signatures(why fix "${kovet}" "${certificate_${run}}" ${kos_${run}})
    if(why)
      message(FATAL_ERROR "kovet_package: ${run} for ${release}: ${why}\n  Fix: ${fix}")
    endif()
  endif()
  execute_process(COMMAND "${kovet}" check --format json ${args_${run}} ${kos_${run}}
    OUTPUT_VARIABLE json RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    execute_process(COMMAND "${kovet}" check --quiet ${args_${run}} ${kos_${run}})
    message(FATAL_ERROR "kovet_package: ${run} does not pass validation for ${release}\n  Fix: build it again; the findings are above.")
  endif()
  set(index 0)
  foreach(ko IN LISTS kos_${run})
    string(JSON verdict GET "${json}" results ${index} verdict)
    math(EXPR index "${index} + 1")
    set(annotations ", \"annotations\": { \"release\": ${release_json}, \"verdict\": \"${verdict}\" }")
    get_filename_component(name "${ko}" NAME)
    add_subject("${ko}" "${name}" "${annotations}")
    foreach(ending .xz .zst .gz)
      if(EXISTS "${stage}/${name}${ending}")
        add_subject("${stage}/${name}${ending}" "${name}${ending}" "${annotations}")
      endif()
    endforeach()
    json_string("kovet check ${name} --kernel ${release}" test)
    list(APPEND passed "      ${test}")
  endforeach()
endforeach()
execute_process(COMMAND "${kovet}" --version OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE)
string(REGEX REPLACE "^kovet " "" version "${version}")
json_string("${version}" version)
set(symvers "")
if(EXISTS "${kernel}/Module.symvers")
  file(SHA256 "${kernel}/Module.symvers" digest)
  set(symvers ", \"digest\": { \"sha256\": \"${digest}\" }")
endif()
list(JOIN subjects ",\n" subjects)
list(JOIN passed ",\n" passed)
set(statement "{
  \"_type\": \"https://in-toto.io/Statement/v1\",
  \"subject\": [
${subjects}
  ],
  \"predicateType\": \"https://in-toto.io/attestation/test-result/v0.1\",
  \"predicate\": {
    \"result\": \"PASSED\",
    \"configuration\": [
      { \"name\": \"Module.symvers\"${symvers}, \"annotations\": { \"release\": ${release_json} } },
      { \"name\": \"kovet\", \"annotations\": { \"version\": ${version} } }
    ],
    \"passedTests\": [
${passed}
    ],
    \"warnedTests\": [],
    \"failedTests\": []
  }
}
")
kovet_write_whole("${package}.provenance.json" "${statement}" is_whole)
if(NOT is_whole)
  message(FATAL_ERROR "kovet_package: ${package}.provenance.json cannot be written whole\n  Fix: make room there")
endif()
