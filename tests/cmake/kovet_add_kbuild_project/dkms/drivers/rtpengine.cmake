driver(rtpengine-kernel-dkms MAKE_ARGS RTPENGINE_VERSION=<VERSION>)
