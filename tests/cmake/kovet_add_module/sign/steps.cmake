# Signatures as a build step: verified by OpenSSL's own program, and by kernels that enforce them.
need_kernels(1 kernels)
find_program(openssl openssl NO_CACHE)
if(NOT skip AND NOT openssl)
  message("[skipped] openssl is needed")
  set(skip TRUE)
endif()
if(skip)
  return()
endif()
set(kovet "${prefix}/bin/kovet")
function(make_pair name)
  run(text FALSE "" "${openssl}" req -new -x509 -nodes -days 30 -subj "/CN=${name}" ${ARGN}
    -keyout "${scratch}/${name}.key" -out "${scratch}/${name}.crt")
endfunction()
make_pair(rsa -newkey rsa:4096)
make_pair(ecdsa -newkey ec -pkeyopt ec_paramgen_curve:secp384r1)

# What the kernel is handed: the module, the message, 12 bytes that end with its length, the marker.
function(expect_openssl_verifies file certificate hash)
  run(text FALSE "" sh -c "
    set -e
    size=$(wc -c <\"$1\")
    [ \"$(tail -c 28 \"$1\")\" = '~Module signature appended~' ]
    length=$((0x$(tail -c 32 \"$1\" | head -c 4 | od -An -tx1 | tr -d ' ')))
    head -c $((size - 40 - length)) \"$1\" >\"$2/content\"
    tail -c $((40 + length)) \"$1\" | head -c $length >\"$2/message\"
    \"$3\" cms -verify -binary -inform DER -in \"$2/message\" -content \"$2/content\" -certfile \"$4\" -CAfile \"$4\" \\
      -purpose any -out /dev/null
    \"$3\" smime -verify -binary -inform DER -in \"$2/message\" -content \"$2/content\" -certfile \"$4\" -CAfile \"$4\" \\
      -purpose any -out /dev/null"
    sh "${file}" "${scratch}" "${openssl}" "${certificate}")
  run(text FALSE ": good .* hash ${hash} " "${kovet}" signature "${file}" --cert "${certificate}")
endfunction()

set(checked 0)
foreach(kernel IN LISTS kernels)
  if(checked EQUAL 2)
    break()
  endif()
  math(EXPR checked "${checked} + 1")
  # The build signs with the hash of the kernel's configuration, by its sign-file, after strip.
  set(binary "${scratch}/${kernel}")
  set(ko "${binary}/seal.ko")
  file(STRINGS "/lib/modules/${kernel}/build/include/config/auto.conf" line REGEX "^CONFIG_MODULE_SIG_HASH=")
  string(REGEX REPLACE "^[^=]*=\"?([^\"]*)\"?$" "\\1" hash "${line}")
  configure("-DKOVET_KERNEL=${kernel}" -DKOVET_STRIP=ON "-DKOVET_SIGN_KEY=${scratch}/rsa.key" "-DKOVET_SIGN_CERTIFICATE=${scratch}/rsa.crt")
  build(--verbose EXPECT "strip --strip-debug .* sign .*--sign-file .*scripts/sign-file .* check ")
  expect_openssl_verifies("${ko}" "${scratch}/rsa.crt" "${hash}")
  run(text FALSE "" readelf -SW "${ko}")
  if(text MATCHES "\\.debug_info")
    fail("KOVET_STRIP is on, and ${ko} has .debug_info")
  endif()

  # Every key and hash, by sign-file and by the library.
  set(boots "${scratch}/boots-${kernel}")
  file(MAKE_DIRECTORY "${boots}")
  foreach(key rsa ecdsa)
    foreach(hash sha256 sha384 sha512)
      foreach(means sign-file library)
        set(file "${boots}/${key}-${hash}.ko")
        set(program "")
        if(means STREQUAL "sign-file")
          set(file "${scratch}/${key}-${hash}-${means}.ko")
          set(program --sign-file "/lib/modules/${kernel}/build/scripts/sign-file")
        endif()
        run(text FALSE "signed by ${key}" "${kovet}" sign --replace --key "${scratch}/${key}.key" --cert "${scratch}/${key}.crt"
          --hash ${hash} ${program} --output "${file}" "${ko}")
        expect_openssl_verifies("${file}" "${scratch}/${key}.crt" "${hash}")
      endforeach()
    endforeach()
  endforeach()

  # What is wrong with a signature is told apart.
  run(text FALSE "" sh -c "sed 's/Is signed/Is forged/' <\"$1\" >\"$2/altered.ko\"
    { cat \"$1\"; echo; } >\"$2/misplaced.ko\"; strip --strip-debug -o \"$2/stripped.ko\" \"$1\"" sh "${ko}" "${boots}")
  foreach(row "altered 1 bad .* altered" "misplaced 3 unsigned .* not at its very end" "stripped 3 unsigned .* strip")
    string(REGEX MATCH "^([a-z]+) ([0-9]) (.*)$" row "${row}")
    set(name "${CMAKE_MATCH_1}")
    set(code "${CMAKE_MATCH_2}")
    run(text TRUE "${name}.ko: ${CMAKE_MATCH_3}" "${kovet}" signature "${boots}/${name}.ko" --cert "${scratch}/rsa.crt")
    execute_process(COMMAND "${kovet}" signature "${boots}/${name}.ko" --cert "${scratch}/rsa.crt" RESULT_VARIABLE result OUTPUT_QUIET)
    if(NOT result EQUAL code)
      fail("kovet signature ${name}.ko should exit with ${code}, not ${result}")
    endif()
  endforeach()
  execute_process(COMMAND "${kovet}" signature "${ko}" --cert "${scratch}/ecdsa.crt" RESULT_VARIABLE result OUTPUT_QUIET)
  if(NOT result EQUAL 2)
    fail("kovet signature with another certificate should exit with 2, not ${result}")
  endif()

  # The distribution's own module, with the keys in the kernel's image.
  set(skip FALSE)
  need_image(release folder "${kernel}")
  if(skip)
    continue()
  endif()
  file(GLOB shipped "${folder}/lib/modules/${kernel}/kernel/drivers/net/dummy.ko*")
  run(text FALSE "dummy.ko[.a-z]*: good .* verified by " "${kovet}" signature "${shipped}"
    --cert "${folder}/boot/vmlinuz-${kernel}")

  # A kernel that enforces signatures loads that, and refuses ours, each as predicted.
  file(GLOB ours "${boots}/*.ko")
  list(LENGTH ours count)
  run(text TRUE "dummy.ko[.a-z]* loaded, unloads predicted: no rejection found.* ${count} refused" "${kovet}" boot ${ours} "${shipped}" --kernel "${kernel}"
    --image "${folder}" --append module.sig_enforce=1 --boot-timeout 300 --compare)
  string(REGEX MATCHALL "\n  agree\n" agreed "${text}")
  list(LENGTH agreed agreed)
  math(EXPR wanted "${count} + 1")
  if(NOT agreed EQUAL wanted OR NOT text MATCHES "Loading of module with unavailable key is rejected")
    fail("${agreed} of ${wanted} predictions agree:\n${text}")
  endif()
endforeach()

# The hash is the one that the kernel's configuration asks for, whether it is quoted there or not.
list(GET kernels 0 kernel)
copy_kernel("${kernel}" "${scratch}/kernel")
set(config "${scratch}/kernel/include/config/auto.conf")
file(READ "${config}" text)
foreach(hash "sha512" "\"sha384\"")
  string(REGEX REPLACE "CONFIG_MODULE_SIG_HASH=[^\n]*" "CONFIG_MODULE_SIG_HASH=${hash}" text "${text}")
  file(WRITE "${config}" "${text}")
  set(binary "${scratch}/other-hash")
  configure("-DKOVET_KERNEL=${scratch}/kernel" "-DKOVET_SIGN_KEY=${scratch}/ecdsa.key" "-DKOVET_SIGN_CERTIFICATE=${scratch}/ecdsa.crt")
  build()
  string(REPLACE "\"" "" hash "${hash}")
  expect_openssl_verifies("${binary}/seal.ko" "${scratch}/ecdsa.crt" "${hash}")
endforeach()

# A key in a PKCS#11 token.
find_program(softhsm softhsm2-util NO_CACHE)
file(GLOB_RECURSE token_library /usr/lib/*/libsofthsm2.so /usr/lib64/*/libsofthsm2.so)
file(GLOB engine /usr/lib/*/engines-3/pkcs11.so /usr/lib*/engines-3/pkcs11.so /usr/lib/*/ossl-modules/pkcs11.so /usr/lib64/ossl-modules/pkcs11.so)
if(NOT softhsm OR NOT token_library OR NOT engine)
  if(NOT "$ENV{CI}" STREQUAL "")
    fail("softhsm2 or libengine-pkcs11-openssl is not installed")
  endif()
  message("[skipped] PKCS#11: softhsm2 and libengine-pkcs11-openssl are needed")
  return()
endif()
list(GET token_library 0 token_library)
list(GET kernels 0 kernel)
file(MAKE_DIRECTORY "${scratch}/tokens")
file(WRITE "${scratch}/softhsm2.conf" "directories.tokendir = ${scratch}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
set(ENV{SOFTHSM2_CONF} "${scratch}/softhsm2.conf")
set(ENV{PKCS11_MODULE_PATH} "${token_library}")
run(text FALSE "" "${softhsm}" --init-token --free --label seal --pin 1234 --so-pin 5678)
run(text FALSE "" "${openssl}" pkcs8 -topk8 -nocrypt -in "${scratch}/rsa.key" -out "${scratch}/rsa.p8")
run(text FALSE "" "${softhsm}" --import "${scratch}/rsa.p8" --token seal --label rsa --id 01 --pin 1234)
set(ENV{KBUILD_SIGN_PIN} 1234)
set(binary "${scratch}/token")
# In a file: as an argument the semicolons would reach cmake with a backslash.
file(WRITE "${scratch}/token.cmake" "set(KOVET_SIGN_KEY [==[pkcs11:token=seal;object=rsa;type=private]==] CACHE STRING \"\")\n")
configure(-C "${scratch}/token.cmake" "-DKOVET_KERNEL=${kernel}" "-DKOVET_SIGN_CERTIFICATE=${scratch}/rsa.crt")
build()
expect_openssl_verifies("${binary}/seal.ko" "${scratch}/rsa.crt" sha256)
configure("-DKOVET_SIGN_CERTIFICATE=${scratch}/ecdsa.crt")
file(REMOVE "${binary}/seal.ko")
build(EXPECT_ERROR "this key does not belong to the certificate ecdsa")
set(ENV{KBUILD_SIGN_PIN} 4321)
configure("-DKOVET_SIGN_CERTIFICATE=${scratch}/rsa.crt")
build(EXPECT_ERROR "OpenSSL cannot load this key: ")
expect_no_file("${binary}/seal.ko")
