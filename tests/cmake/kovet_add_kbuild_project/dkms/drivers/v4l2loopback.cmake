driver(v4l2loopback-dkms)
