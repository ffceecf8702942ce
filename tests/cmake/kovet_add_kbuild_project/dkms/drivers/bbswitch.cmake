driver(bbswitch-dkms)
