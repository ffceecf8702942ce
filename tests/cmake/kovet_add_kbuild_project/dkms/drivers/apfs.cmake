driver(apfs-dkms)
