# Run by cmake --install, with `settings`: puts the modules of one kernel into place.
#
# Everything is made ready in a folder of its own first: validated, compressed, checked against the
# options that are to be written. Then it is copied beside its final names, and renamed. Nothing
# that is installed already changes before the last step.
include("${settings}")
include("${CMAKE_CURRENT_LIST_DIR}/install_steps.cmake")

set(root "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}")
if(root MATCHES "^/+$")
  set(root "")
else()
  string(REGEX REPLACE "/+$" "" root "${root}")
endif()
set(modules_dir "${root}/lib/modules/${release}")
set(folder "${modules_dir}/${destination}")

kovet_install_validate()
kovet_install_check_options()
kovet_install_report_others()
kovet_install_stage(staged ending)
kovet_install_publish("${staged}" "${ending}")
kovet_install_depmod()
