driver(evdi-dkms MAKE_ARGS DKMS_BUILD=1)
