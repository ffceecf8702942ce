driver(tp-smapi-dkms MAKE_ARGS HDAPS=1)
