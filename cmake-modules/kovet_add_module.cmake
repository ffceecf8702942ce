#[=======================================================================[.rst:
kovet_add_module
----------------

A kernel module from its sources, as a target::

  kovet_add_module(<target> SOURCES <file>...
    [HEADERS <file>...] [INCLUDE_DIRECTORIES <folder>...]
    [COMPILE_DEFINITIONS <definition>...] [COMPILE_OPTIONS <option>...]
    [LINK_MODULES <target>...] [MODULE_NAME <name>] [KERNELS <kernel>...]
    [POLICY build|load] [WAIVERS <file>])

The target is part of ``all``. Its rule writes a Kbuild file, runs
``make -C <kernel> M=<folder in the binary folder>``, has ``kovet check`` read
the finished module, and only then publishes ``<name>.ko``, in the current
binary folder. A module that this kernel would refuse, or that does not meet the
policy, fails the build; nothing is published. Source folders are never written
to, and the project needs no language: ``project(hello LANGUAGES NONE)``.

``SOURCES``
  ``.c`` and ``.S`` files, in any folder, generated ones included (declare
  ``add_custom_command(OUTPUT ...)`` first). Headers may be among them.
``HEADERS``
  Files that must be there before the first compilation, generated headers above
  all. Headers that sources include are found without being listed.
``INCLUDE_DIRECTORIES``, ``COMPILE_DEFINITIONS``, ``COMPILE_OPTIONS``
  For this module alone; generator expressions work, and ``$<TARGET_PROPERTY:KOVET_RELEASE>``
  is the kernel that is built for. Relative folders are below
  the current source folder. The folder of a source is searched for
  ``#include "..."`` without being listed. Options are for C, the others for
  assembly too. Each option is one word; ``"SHELL:-include config.h"`` is split as a shell does.
``LINK_MODULES``
  Modules whose exported symbols this one uses: targets of this project, declared
  before, or of a package that was found (``find_package(<project>-modules)``, then
  ``<project>::<target>``). They are built first, and their symvers files are handed
  to Kbuild and to the validation. One whose ``.ko`` and symvers
  file disagree, or that is for another kernel, fails the build before make runs.
``MODULE_NAME``
  The module's name; default: the target's. With several sources, none may have
  the module's name.
``KERNELS``
  Releases or build directories to build for, instead of ``KOVET_KERNELS`` or
  ``KOVET_KERNEL``.
``POLICY``
  What the validation demands: ``build`` (default) more than the kernel does,
  ``load`` what the kernel does. See ``kovet check --help``.
``WAIVERS``
  A file of findings that are accepted. See ``kovet check --help``.

With one kernel there is one target. With several (``KERNELS``, or the variable
``KOVET_KERNELS``), ``<target>-<release>`` builds for one, ``<target>`` for all,
and the outputs are in ``<release>/`` folders.

A verbose build (``ninja -v``, ``make VERBOSE=1``) shows the rule's steps, with ``--then``
between them; the ``make`` line among them can be repeated by hand. A build that finds
an interrupted one still at work in the same folder waits for it, and says so. What make, the compiler and modpost say comes through as it is;
where Kovet knows what to do about it, a hint follows.

``compile_commands.json`` in the top binary folder gains an entry for each source
that was compiled, with the flags left out that clangd cannot take. In a project with
languages CMake writes that file anew whenever it generates; the next build joins
the modules' entries to it again, also when there is nothing else to do.

Target properties, for generator expressions; lists, one entry per kernel:

``KOVET_RELEASE``
  The release built for.
``KOVET_KO``
  The checked module.
``KOVET_SYMVERS``
  The symbols it exports, as in Kbuild's Module.symvers; empty if there are none.

Variables read:

``KOVET_KERNEL``
  A release (looked up in ``/lib/modules`` and ``/usr/src``) or a build directory.
  Default: the running release when its headers are installed, else the only one
  that is.
``KOVET_KERNELS``
  Several of these.
``KOVET_PROGRAM``
  For projects that bring Kovet's sources with them (``add_subdirectory``,
  ``FetchContent``): a validator that is built already, instead of compiling it with
  the project. A cross build needs one, because the validator runs on this machine.
``KOVET_KERNEL_ROOT``
  A folder that stands for ``/`` in this lookup.
``KOVET_WORK_DIR``
  Where Kbuild works, for binary folders whose path Kbuild cannot take.
``KOVET_JOBS``
  Under Ninja, how many jobs all makes may run together; default: one for each
  processor. Under Make its jobserver is shared.
``KOVET_EXTRA_WARNINGS``
  As Kbuild's ``W=``: 1, 2, 3.
``KOVET_SPARSE``
  Run sparse on each source that is compiled (Kbuild's ``C=1``).
``KOVET_BTF``
  ``AUTO`` (default) makes BTF where the kernel tree can, ``ON`` insists, ``OFF``
  never.
``KOVET_SIGN_KEY``, ``KOVET_SIGN_CERTIFICATE``
  A private key (a PEM file, or a ``pkcs11:`` URI that OpenSSL can load) and its
  X.509 certificate; paths are full, or relative to the top source folder. The module
  is signed before the validation, with the kernel's own ``sign-file`` where that is
  built. ``KBUILD_SIGN_PIN`` in the environment of the build is the passphrase or PIN.
``KOVET_SIGN_HASH``
  Default: what the kernel's configuration asks for (CONFIG_MODULE_SIG_HASH).
``KOVET_STRIP``
  Take debug information off, before signing.
``ARCH``, ``CROSS_COMPILE``, ``LLVM``
  As for Kbuild. By default the first and last come from the kernel's
  configuration, the second from a toolchain file's ``CMAKE_C_COMPILER``. What the
  environment of the build has under these names, or as ``KBUILD_OUTPUT``, is not used.
``CMAKE_C_COMPILER_LAUNCHER``
  ``ccache``, ``distcc`` and the like: put in front of Kbuild's compiler.
#]=======================================================================]
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_add_kbuild_rule.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_add_targets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_check_inputs.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_check_parsed.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_check_repeated.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_check_target_name.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_check_validation.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_resolve_sources.cmake")

function(kovet_add_module target)
  set(function kovet_add_module)
  set(single MODULE_NAME POLICY WAIVERS)
  set(multi SOURCES HEADERS INCLUDE_DIRECTORIES COMPILE_DEFINITIONS COMPILE_OPTIONS LINK_MODULES KERNELS)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "${single}" "${multi}")
  kovet_check_source_folder(${function})
  kovet_check_target_name(${function} "${target}")
  kovet_check_parsed(${function} "${target}" REQUIRED SOURCES SINGLE ${single} MULTI ${multi})
  kovet_check_repeated(${function} "${target}" "${single}" ${ARGN})
  kovet_check_validation(${function} "${target}" policy waivers)
  set(module "${target}")
  if(DEFINED arg_MODULE_NAME)
    set(module "${arg_MODULE_NAME}")
  endif()
  if(NOT module MATCHES "^[A-Za-z0-9_][A-Za-z0-9_-]*$")
    kovet_fail(${function} "${target}: '${module}' cannot be the name of a module"
      "MODULE_NAME with letters, digits, '_' and '-' only")
  endif()
  kovet_resolve_sources(${function} "${target}" "${module}" sources headers ${arg_SOURCES})
  kovet_resolve_files(${function} "${target}" more_headers ${arg_HEADERS})
  set(files ${sources})
  list(TRANSFORM files REPLACE "^[^|]*\\|" "")
  kovet_add_targets(${function} "${target}" "${arg_KERNELS}"
    MODULES "${module}" SYMVERS "${module}.symvers" POLICY ${policy} WAIVERS "${waivers}"
    LINK_MODULES ${arg_LINK_MODULES} FOLDERS "." GOALS modules
    DEPENDS ${files} ${headers} ${more_headers}
    SETTINGS "set(kind sources)
set(sources [==[${sources}]==])
set(include_directories [==[${arg_INCLUDE_DIRECTORIES}]==])
set(compile_definitions [==[${arg_COMPILE_DEFINITIONS}]==])
set(compile_options [==[${arg_COMPILE_OPTIONS}]==])")
  get_target_property(ones "${target}" KOVET_TARGETS)
  set_target_properties(${ones} PROPERTIES KOVET_MODULE_NAME "${module}" KOVET_SOURCES "${files}"
    KOVET_HEADERS "${headers};${more_headers}"
    KOVET_INCLUDE_DIRECTORIES "${arg_INCLUDE_DIRECTORIES}"
    KOVET_COMPILE_DEFINITIONS "${arg_COMPILE_DEFINITIONS}"
    KOVET_COMPILE_OPTIONS "${arg_COMPILE_OPTIONS}")
endfunction()
