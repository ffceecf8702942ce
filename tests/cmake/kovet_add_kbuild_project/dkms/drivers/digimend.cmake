driver(digimend-dkms)
