driver(xtrx-dkms)
