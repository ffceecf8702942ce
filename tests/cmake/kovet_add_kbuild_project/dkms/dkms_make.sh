#!/bin/bash
# dkms_make.sh <driver's source> <release> <dkms tree> <jobs>: plain make as dkms runs it, from the
# driver's dkms.conf, in a copy of the source. Prints the folder of that copy as its last line.
source=$1 kernelver=$2 dkms_tree=$3 jobs=$4
kernel_source_dir=/lib/modules/$kernelver/build
arch=$(uname -m)
. "$source/dkms.conf" >/dev/null
build=$dkms_tree/$PACKAGE_NAME/$PACKAGE_VERSION/build
mkdir -p "${build%/build}" && cp -a "$source" "$build" && cd "$build" || exit 1
command=${MAKE[0]:-make -C $kernel_source_dir M=$build}
if [ -n "${PRE_BUILD:-}" ]; then eval "./$PRE_BUILD" || exit 1; fi
eval "${command/#make/make -j$jobs KERNELRELEASE=$kernelver}" || exit 1
echo "$build"
