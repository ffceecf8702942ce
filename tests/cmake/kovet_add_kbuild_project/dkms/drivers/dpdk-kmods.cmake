driver(dpdk-kmods-dkms MAKE_ARGS MODULE_CFLAGS=-fno-PIE)
