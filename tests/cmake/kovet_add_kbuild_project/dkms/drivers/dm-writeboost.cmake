driver(dm-writeboost-dkms)
