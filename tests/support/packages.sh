# shellcheck shell=bash
# Sourced by tests/run.sh and examples/run.sh: installs distribution packages without questions.

# What building Kovet takes. "a|b" is the first of these that the distribution offers.
# shellcheck disable=SC2034  # used by those who source this file
kovet_build_packages=(
  g++ cmake ninja-build make pkg-config libelf-dev zlib1g-dev liblzma-dev libzstd-dev liblz4-dev
  libkmod-dev libbpf-dev libssl-dev 'libboost1.81-dev|libboost-dev' libcli11-dev libfmt-dev nlohmann-json3-dev
  libtbb-dev
)

# as_root COMMAND...: as root, or through sudo.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  else
    echo "$0: '$*' needs root: run this script as root, or install sudo" >&2
    return 1
  fi
}

package_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

package_offered() {
  local candidate
  candidate=$(LC_ALL=C apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: //p')
  [ -n "$candidate" ] && [ "$candidate" != '(none)' ]
}

# refresh_package_lists: apt-get update, up to three times.
refresh_package_lists() {
  local attempt
  for attempt in 1 2 3; do
    if as_root apt-get -qq -o Acquire::Retries=3 update >&2; then return 0; fi
    echo "apt-get update failed (attempt $attempt of 3)" >&2
    sleep $((attempt * 3))
  done
  return 1
}

# choose_package "a|b": the one that is installed, else the first that is offered, else nothing.
choose_package() {
  local name names
  IFS='|' read -ra names <<<"$1"
  for name in "${names[@]}"; do
    if package_installed "$name"; then echo "$name"; return 0; fi
  done
  for name in "${names[@]}"; do
    if package_offered "$name"; then echo "$name"; return 0; fi
  done
  return 1
}

# ensure_packages PKG...: installs those that are missing. Touches nothing when none is. The
# package lists are fetched only when a wanted package is unknown or an installation failed.
ensure_packages() {
  local wanted=("$@") spec name missing attempt
  export DEBIAN_FRONTEND=noninteractive
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "$0: this distribution's package manager is not known here." >&2
    echo "Install what Debian calls: ${wanted[*]}" >&2
    echo "and repeat the steps of this script by hand." >&2
    exit 2
  fi
  for attempt in 1 2 3; do
    missing=()
    for spec in "${wanted[@]}"; do
      if ! name=$(choose_package "$spec"); then
        [ "$attempt" -gt 1 ] || refresh_package_lists || return 1
        if ! name=$(choose_package "$spec"); then
          echo "$0: no package source offers $spec" >&2
          return 1
        fi
      fi
      package_installed "$name" || missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "Installing ${missing[*]}" >&2
    if as_root apt-get -qq -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 \
      install --no-install-recommends "${missing[@]}" >&2; then
      return 0
    fi
    echo "apt-get install failed (attempt $attempt of 3)" >&2
    refresh_package_lists || true
  done
  return 1
}
