#[=======================================================================[.rst:
kovet_install
-------------

Installs modules where ``modprobe`` finds them, with ``cmake --install``::

  kovet_install(TARGETS <target>... [DESTINATION <folder>] [COMPONENT <name>]
    [PROJECT <name>] [COMPRESS AUTO|NONE|XZ|ZSTD|GZIP] [MODPROBE_OPTIONS <line>...]
    [SOFTDEP <line>...] [BLACKLIST <module>...] [LOAD_AT_BOOT])

Each module goes below ``lib/modules/<release>/`` of the prefix, for every kernel
it was built for. Before anything is written, it is validated again for the
kernel it goes to, as it will lie there, with the options that are configured for
it. Where ``KOVET_SIGN_KEY`` and ``KOVET_SIGN_CERTIFICATE`` sign the build, a module
that was altered, stripped or replaced after it was signed is refused. One that was
signed by hand is refused when its signature is broken or misplaced; whether it was
altered since cannot be known without a certificate, and that is said.

All files of all kernels are put in place at the end, one rename each: what fails
before leaves the installed modules as they were, and one that is killed leaves each
module whole, the old or the new one, for the next installation to finish.

A copy of a module that is there already is reported, with the one that depmod
takes; so is a module of another project, of a package or of unknown origin in the
same place. Only the file that this project's last installation put there in another
compression is taken away, for it would compete with the new one.

To upgrade, install again. To uninstall, remove the files that
``install_manifest.txt`` in the build folder lists, and run ``depmod``::

  xargs -d '\n' rm -f < build/install_manifest.txt && depmod -a <release>

``cmake --install build --component <name>`` installs one component; its files are
in ``install_manifest_<name>.txt``.

A prefix of ``/`` or ``/usr`` is where ``modprobe`` looks. ``depmod`` runs for
the release when the prefix is one of these and ``DESTDIR`` is not set; otherwise
the command to run is printed.

``TARGETS``
  Targets of ``kovet_add_module`` or ``kovet_add_kbuild_project``.
``DESTINATION``
  The folder below ``lib/modules/<release>/``; default: ``updates/<project>``.
``COMPONENT``
  The install component; default: ``Unspecified``, as CMake's own.
``PROJECT``
  Names the files that are written; default: ``PROJECT_NAME``.
``COMPRESS``
  ``AUTO`` (default): as the kernel's configuration says (CONFIG_MODULE_COMPRESS_*).
``MODPROBE_OPTIONS``
  Lines such as ``"hello debug=1 name=x"``: a module and its parameters. Checked against
  the parameters that the module has, their types, ranges and numbers of elements, when
  it is built and again when it is installed.
``SOFTDEP``
  Lines such as ``"hello pre: a b post: c"``.
``BLACKLIST``
  Modules whose aliases are not to be loaded by themselves.
``LOAD_AT_BOOT``
  The modules of TARGETS are listed in ``modules-load.d``.

The last four go into ``modprobe.d/<project>.conf`` and
``modules-load.d/<project>.conf`` below ``etc`` (``/etc`` for the prefixes ``/``
and ``/usr``). Beside the modules are their symvers and a file of imported
targets; ``find_package(<project>-modules)`` in another project gives these as
``<project>::<target>``, for ``LINK_MODULES``. It finds a prefix other than ``/usr`` by
``CMAKE_PREFIX_PATH``.
#]=======================================================================]
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_check_parsed.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_fail.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_module_configuration.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_templates.cmake")

function(kovet_install)
  set(function kovet_install)
  set(single DESTINATION COMPONENT PROJECT COMPRESS)
  set(multi TARGETS MODPROBE_OPTIONS SOFTDEP BLACKLIST)
  cmake_parse_arguments(PARSE_ARGV 0 arg "LOAD_AT_BOOT" "${single}" "${multi}")
  kovet_check_parsed(${function} "${PROJECT_NAME}" REQUIRED TARGETS SINGLE ${single} MULTI ${multi} LOAD_AT_BOOT)
  set(project "${PROJECT_NAME}")
  if(DEFINED arg_PROJECT)
    set(project "${arg_PROJECT}")
  endif()
  if(NOT project MATCHES "^[A-Za-z0-9][A-Za-z0-9+._-]*$")
    kovet_fail(${function} "'${project}' cannot name files" "PROJECT with letters, digits, '+', '.', '_' and '-'")
  endif()
  set(destination "updates/${project}")
  if(DEFINED arg_DESTINATION)
    set(destination "${arg_DESTINATION}")
  endif()
  if(IS_ABSOLUTE "${destination}" OR "/${destination}/" MATCHES "/\\.\\.?/|^//")
    kovet_fail(${function} "DESTINATION ${destination} is no folder below lib/modules/<release>"
      "DESTINATION updates/${project}")
  endif()
  set(compress AUTO)
  if(DEFINED arg_COMPRESS)
    set(compress "${arg_COMPRESS}")
  endif()
  if(NOT compress MATCHES "^(AUTO|NONE|XZ|ZSTD|GZIP)$")
    kovet_fail(${function} "there is no COMPRESS ${compress}" "AUTO, NONE, XZ, ZSTD or GZIP")
  endif()
  set(component Unspecified)
  if(DEFINED arg_COMPONENT)
    set(component "${arg_COMPONENT}")
  endif()

  set(ones "")
  foreach(target IN LISTS arg_TARGETS)
    if(NOT TARGET "${target}")
      kovet_fail(${function} "there is no target ${target}" "declare it before, with kovet_add_module")
    endif()
    get_target_property(parts "${target}" KOVET_TARGETS)
    if(NOT parts)
      get_target_property(release "${target}" KOVET_RELEASE)
      if(NOT release)
        kovet_fail(${function} "${target} is no kernel module" "name targets of kovet_add_module")
      endif()
      set(parts "${target}")
    endif()
    list(APPEND ones ${parts})
  endforeach()
  list(REMOVE_DUPLICATES ones)
  get_property(projects GLOBAL PROPERTY KOVET_PROJECTS)
  if(project IN_LIST projects)
    kovet_fail(${function} "the project ${project} has a kovet_install already, whose files these would replace"
      "name all targets in one call, or give this one a PROJECT of its own")
  endif()

  # One settings file and one install step for each kernel, over all its targets.
  set(releases "")
  set(names "")
  foreach(one IN LISTS ones)
    get_target_property(release "${one}" KOVET_RELEASE)
    get_target_property(kos "${one}" KOVET_KO)
    list(APPEND releases "${release}")
    list(APPEND targets_of_${release} "${one}")
    foreach(ko IN LISTS kos)
      get_filename_component(name "${ko}" NAME_WE)
      list(APPEND names "${name}")
      # The kernel and modprobe know no dash.
      string(REPLACE "-" "_" plain "${name}")
      if(DEFINED "owner_of_${plain}_${release}")
        kovet_fail(${function} "${one} and ${owner_of_${plain}_${release}} both are the module ${plain} for ${release}, of which modprobe loads one"
          "name one of them otherwise, with MODULE_NAME, or install it in a call of its own with another PROJECT and COMPONENT")
      endif()
      set("owner_of_${plain}_${release}" "${one}")
    endforeach()
  endforeach()
  list(REMOVE_DUPLICATES releases)
  list(REMOVE_DUPLICATES names)
  kovet_module_configuration(${function} "${project}" "${names}" modprobe_text load_text option_lines)

  set(script "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/detail/script/install.cmake")
  set(all_settings "")
  foreach(release IN LISTS releases)
    set(settings "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${project}.install/${release}.cmake")
    set(content "set(project [==[${project}]==])
set(release [==[${release}]==])
set(destination [==[${destination}]==])
set(compress ${compress})
set(kovet [==[$<TARGET_FILE:Kovet::kovet>]==])
set(targets [==[${targets_of_${release}}]==])
")
    foreach(one IN LISTS targets_of_${release})
      foreach(property KOVET_KO KOVET_SYMVERS KOVET_KERNEL_BUILD KOVET_CHECK_ARGS KOVET_SIGNED_BY)
        get_target_property(value "${one}" ${property})
        if(NOT value)
          set(value "")
        endif()
        string(APPEND content "set(${one}_${property} [==[${value}]==])\n")
      endforeach()
      # Set by kovet_package, which may follow.
      string(APPEND content "set(${one}_package [==[$<TARGET_PROPERTY:${one},KOVET_PACKAGE>]==])\n")
      # Held against the module's own parameters when it is built, and again as it is installed.
      kovet_parameters_of("${one}" "${option_lines}" parameters)
      string(APPEND content "set(${one}_parameters [==[${parameters}]==])\n")
      set_property(TARGET "${one}" APPEND PROPERTY KOVET_PARAMETERS ${parameters})
    endforeach()
    file(GENERATE OUTPUT "${settings}" CONTENT "${content}")
    list(APPEND all_settings "${settings}")
    # In a component of its own: kovet_package takes one kernel at a time.
    kovet_install_code("kovet-${project}-${release}" EXCLUDE_FROM_ALL "${script}" "${settings}" "")
  endforeach()

  set(folder "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${project}.install")
  kovet_configuration_files("${project}" "${folder}" "${modprobe_text}" "${load_text}" extra)

  # The CMake package is the same for all kernels: it takes up the files beside the modules.
  set(up "../../..")
  set(installed_to "lib/modules/*/${destination}")
  kovet_templates(templates)
  configure_file("${templates}/ModulesConfig.cmake.in" "${folder}/${project}-modulesConfig.cmake" @ONLY)
  list(APPEND extra
    "${folder}/${project}-modulesConfig.cmake|@root@/lib/cmake/${project}-modules/${project}-modulesConfig.cmake")
  kovet_install_code("kovet-${project}-common" EXCLUDE_FROM_ALL "${script}" "" "${extra}")
  kovet_install_code("${component}" "" "${script}" "${all_settings}" "${extra}")
  foreach(one IN LISTS ones)
    set_property(TARGET "${one}" APPEND PROPERTY KOVET_INSTALLED_AS "${project}")
  endforeach()
  set_property(GLOBAL APPEND PROPERTY KOVET_PROJECTS "${project}")
  set_property(GLOBAL PROPERTY KOVET_RELEASES_OF_${project} "${releases}")
  set_property(GLOBAL PROPERTY KOVET_TARGETS_OF_${project} "${ones}")
  set_property(GLOBAL PROPERTY KOVET_DESTINATION_OF_${project} "${destination}")
  set_property(GLOBAL PROPERTY KOVET_MODPROBE_OF_${project} "${modprobe_text}")
  set_property(GLOBAL PROPERTY KOVET_LOAD_OF_${project} "${load_text}")
endfunction()

# One run of the install script, in one component.
function(kovet_install_code component exclude script settings extra)
  install(CODE "cmake_policy(PUSH)
cmake_policy(VERSION 3.25)
set(settings [==[${settings}]==])
set(extra [==[${extra}]==])
include([==[${script}]==])
cmake_policy(POP)" COMPONENT "${component}" ${exclude})
endfunction()
