driver(xtables-addons-dkms SUBDIRS extensions
  MAKE_ARGS "XA_ABSTOPSRCDIR=<SOURCE_DIR>" "XA_TOPSRCDIR=<SOURCE_DIR>")
