# Its own Makefile writes a header first, and hands Kbuild what is in MAKE_ARGS.
driver(dahdi-dkms SUBDIRS drivers/dahdi
  CONFIGURE_COMMAND make -s include/dahdi/version.h
  MAKE_ARGS "DAHDI_INCLUDE=<SOURCE_DIR>/include" DAHDI_BUILD_ALL=m HOTPLUG_FIRMWARE=yes
    "DAHDI_MODULES_EXTRA=dahdi_dummy.o dahdi_echocan_oslec.o")
