driver(adv-17v35x-dkms)
