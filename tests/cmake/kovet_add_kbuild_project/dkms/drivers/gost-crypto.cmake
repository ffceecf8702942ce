driver(gost-crypto-dkms)
