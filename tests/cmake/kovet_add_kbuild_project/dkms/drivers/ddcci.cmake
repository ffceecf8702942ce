driver(ddcci-dkms SUBDIRS ddcci ddcci-backlight)
