driver(acpi-call-dkms)
