driver(jool-dkms SUBDIRS src/mod/common src/mod/nat64 src/mod/siit)
