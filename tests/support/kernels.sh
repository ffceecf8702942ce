#!/usr/bin/env bash
# The distribution's kernels, for tests.
#
#   kernels.sh pick             releases to test with, one per line: of the two newest series the
#                               newest plain kernel, then another flavour of each, then an older
#                               release of the newest series
#   kernels.sh images R...      unpacks linux-image-R into build/kernels/R for each release (boot/,
#                               lib/modules/R with its depmod indices) and prints these folders
#   kernels.sh images           the same for the first two that "pick" prints
#
# Nothing is installed. What is there already is kept; an interrupted run leaves no half folder.
# KOVET_TEST_IMAGES names another folder than build/kernels.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${KOVET_TEST_IMAGES:-$(cd "$here/../.." && pwd)/build/kernels}
# shellcheck source=packages.sh
. "$here/packages.sh"

# Releases for which both the headers and the image are offered, oldest first: the signed image may
# come a day after the headers. Meta packages have no patch level.
offered_releases() {
  comm -12 <(offered_as linux-headers) <(offered_as linux-image) | sort -V
}
offered_as() {
  apt-cache search --names-only "^$1-[0-9]+\.[0-9]+\.[0-9]+.*" | cut -d' ' -f1 |
    sed -n "s/^$1-//p" | grep -E -- "-$(dpkg --print-architecture)\$" | sort
}

# The part of a release before the flavour: 6.12.117+deb12-rt-amd64 gives 6.12.117+deb12.
plain_releases() { grep -Ev -- '-(cloud|rt)-' || true; }
series_of() { sed -E 's/^([0-9]+\.[0-9]+)\..*/\1/'; }

pick() {
  local all arch series newest base flavour release
  arch=$(dpkg --print-architecture)
  all=$(offered_releases)
  if [ -z "$all" ]; then
    refresh_package_lists
    all=$(offered_releases)
  fi
  mapfile -t series < <(plain_releases <<<"$all" | series_of | sort -Vu | tail -2 | tac)
  if [ ${#series[@]} -eq 0 ]; then
    echo "kernels.sh: no package source offers linux-headers-*-$arch with linux-image-*-$arch" >&2
    return 1
  fi
  local plain=() flavours=() wanted=(rt cloud)
  for index in "${!series[@]}"; do
    newest=$(plain_releases <<<"$all" | grep "^${series[index]//./\\.}\\." | tail -1)
    plain+=("$newest")
    base=${newest%"-$arch"}
    for flavour in "${wanted[index]}" rt cloud; do
      release=$base-$flavour-$arch
      if grep -qxF -- "$release" <<<"$all"; then
        flavours+=("$release")
        break
      fi
    done
  done
  printf '%s\n' "${plain[@]}" "${flavours[@]}"
  plain_releases <<<"$all" | grep "^${series[0]//./\\.}\\." | tail -2 | head -1 |
    grep -vxF -- "${plain[0]}" || true
}

# fetch_image RELEASE: one package into its own folder, whole or not at all.
fetch_image() {
  local release=$1 work deb attempt
  [ -d "$cache/$release/lib/modules/$release" ] && return 0
  work=$(mktemp -d "$cache/.partial-XXXXXX")
  # shellcheck disable=SC2064  # the folder of this call
  trap "rm -rf '$work'" EXIT
  for attempt in 1 2 3; do
    if (cd "$work" && apt-get -qq -o Acquire::Retries=3 -o APT::Sandbox::User=root \
      download "linux-image-$release") >&2; then break; fi
    echo "kernels.sh: download of linux-image-$release failed (attempt $attempt of 3)" >&2
    rm -f "$work"/*
    [ "$attempt" -lt 3 ] || return 1
    refresh_package_lists || true
  done
  deb=$(find "$work" -name '*.deb' | head -1)
  mkdir "$work/root"
  dpkg -x "$deb" "$work/root"
  if command -v depmod >/dev/null || [ -x /sbin/depmod ]; then
    PATH=$PATH:/sbin:/usr/sbin depmod -b "$work/root" "$release"
  fi
  chmod 755 "$work/root"
  mv -T "$work/root" "$cache/$release"
  rm -rf "$work"
  trap - EXIT
}

case "${1:-}" in
  pick) pick ;;
  images)
    shift
    releases=("$@")
    [ ${#releases[@]} -gt 0 ] || mapfile -t releases < <(pick | head -2)
    mkdir -p "$cache"
    exec 9>"$cache/.lock"
    flock 9
    rm -rf "$cache"/.partial-*
    for release in "${releases[@]}"; do
      fetch_image "$release"
      echo "$cache/$release"
    done
    ;;
  *)
    sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
