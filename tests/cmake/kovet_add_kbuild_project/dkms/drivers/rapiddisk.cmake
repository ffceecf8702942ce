driver(rapiddisk-dkms)
