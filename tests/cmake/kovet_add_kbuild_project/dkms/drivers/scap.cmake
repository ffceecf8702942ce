driver(falcosecurity-scap-dkms)
