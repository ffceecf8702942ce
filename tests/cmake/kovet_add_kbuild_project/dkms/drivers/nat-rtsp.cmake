driver(nat-rtsp-dkms)
