driver(vpoll-dkms)
