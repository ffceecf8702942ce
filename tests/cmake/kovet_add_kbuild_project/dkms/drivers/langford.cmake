driver(langford-dkms)
