need_kernels(1 kernels)
if(skip)
  return()
endif()
list(GET kernels 0 kernel)
# A source folder with spaces and more, through a link.
set(plain "${source}")
file(RENAME "${source}" "${scratch}/a: source (folder) #1")
file(CREATE_LINK "${scratch}/a: source (folder) #1" "${scratch}/link to it" SYMBOLIC)
set(source "${scratch}/link to it")
configure("-DKOVET_KERNEL=${kernel}")
build()
expect_file("${binary}/paths.ko")
build(NO_WORK)
set(watched "${binary}/paths.ko")
change("${source}/paths.h")
rebuilds("${binary}/paths.ko")

# What else may be in the name of the source folder, and a very long one; what the generators cannot take is
# refused, with a way out.
string(REPEAT "a-folder-with-a-rather-long-name-as-some-people-like-them/" 20 long)
foreach(name "it's 50% of a$b, x&y=z^2 <Größe-尺>" "c#d" "[i]" "e:f" "g|h" "${long}end")
  set(source "${scratch}/named/${name}")
  get_filename_component(folder "${source}" DIRECTORY)
  file(MAKE_DIRECTORY "${folder}")
  file(COPY "${case}/" DESTINATION "${source}")
  file(REMOVE_RECURSE "${binary}")
  if(name STREQUAL "g|h")
    configure("-DKOVET_KERNEL=${kernel}"
      EXPECT_ERROR "kovet_add_module: .* cannot build a project with '.' in the path of its source folder: .* Fix: configure through a link: ln -s")
    continue()
  elseif(name STREQUAL "c#d" AND generator MATCHES "Make")
    configure("-DKOVET_KERNEL=${kernel}"
      EXPECT_ERROR "kovet_add_module: Unix Makefiles cannot build a project with '#' in the path of its source folder: .* Fix: build with Ninja .* or configure through a link: ln -s")
    continue()
  elseif(name STREQUAL "e:f" AND generator MATCHES "Make")
    configure("-DKOVET_KERNEL=${kernel}"
      EXPECT_ERROR "kovet_add_module: paths: Unix Makefiles cannot take ':' in the path of .*/paths.c Fix: build with Ninja .* or name it through a link")
    continue()
  endif()
  configure("-DKOVET_KERNEL=${kernel}")
  build()
  expect_file("${binary}/paths.ko")
  build(NO_WORK)
  set(watched "${binary}/paths.ko")
  change("${source}/paths.h")
  rebuilds("${binary}/paths.ko")
endforeach()
set(source "${scratch}/link to it")
foreach(name "colon:folder" "it's" "c#d" "50%" "a=b" "a,b" "a^b")
  set(binary "${scratch}/${name}")
  configure("-DKOVET_KERNEL=${kernel}" EXPECT_ERROR "kovet_add_module: Kbuild cannot work in a folder with '.' in its path: .* Fix: .*-DKOVET_WORK_DIR=")
endforeach()

# Only the shell sees the name: in lists of CMake's it would swallow what follows.
file(COPY "${case}/" DESTINATION "${scratch}/named/j_k")
run(text TRUE "kovet_add_module: CMake cannot build a project with an unpaired '.' in the path of its source folder: .* Fix: configure through a link: ln -s '"
  sh -c "cd \"$1/named\" && name=$(printf 'j\\133k') && mv j_k \"$name\" && cd \"$name\" && exec \"$2\" -G \"$3\" -S . -B \"$1/bracket\" \"-DCMAKE_PREFIX_PATH=$4\" \"-DKOVET_KERNEL=$5\""
  sh "${scratch}" "${CMAKE_COMMAND}" "${generator}" "${prefix}" "${kernel}")

# Kbuild cannot work in such a folder: refused with the way out, which works.
set(binary "${scratch}/binary folder: a=b,c^d")
configure("-DKOVET_KERNEL=${kernel}" EXPECT_ERROR "kovet_add_module: Kbuild cannot work in a folder with a space in its path: .* Fix: .*-DKOVET_WORK_DIR=")
configure("-DKOVET_KERNEL=${kernel}" "-DKOVET_WORK_DIR=${scratch}/work")
build()
expect_file("${binary}/paths.ko")
build(NO_WORK)
