driver(lime-forensics-dkms)
