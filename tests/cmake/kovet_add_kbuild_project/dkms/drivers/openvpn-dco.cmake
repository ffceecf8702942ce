# Its own Makefile probes the kernel's headers first.
driver(openvpn-dco-dkms
  CONFIGURE_COMMAND sh gen-compat-autoconf.sh "<SOURCE_DIR>/compat-autoconf.h"
  MAKE_ARGS CONFIG_OVPN_DCO_V2=m REVISION=<VERSION>)
