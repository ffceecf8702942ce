# Run by cpack between the installation into its staging folder and the making of Kovet's own package: what
# Debian's policy asks of a package.
if(CPACK_GENERATOR STREQUAL "DEB")
  set(share "${CPACK_TEMPORARY_INSTALL_DIRECTORY}${CPACK_PACKAGING_INSTALL_PREFIX}/share")
  file(COPY ${CPACK_KOVET_DOCUMENTS} DESTINATION "${share}/doc/kovet")
  file(GLOB pages "${share}/man/man1/*.1")
  find_program(gzip gzip REQUIRED NO_CACHE)
  execute_process(COMMAND "${gzip}" -9 -n -f ${pages} COMMAND_ERROR_IS_FATAL ANY)
endif()
