#!/usr/bin/env bash
# install.sh [PACKAGE...]: installs the Debian packages of packages.txt, and these, that are missing; says nothing when
# none is.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
missing=()
while read -r package; do
  [[ $package == "" || $package == \#* ]] && continue
  status=$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true)
  [[ $package == npm ]] && command -v npm > /dev/null && continue  # some packages of nodejs bring it
  [[ $status == ii* ]] || missing+=("$package")
done < <(cat "$here/packages.txt" && printf '%s\n' "$@")
[[ ${#missing[@]} -eq 0 ]] && exit 0

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo > /dev/null || { echo "mqttvet: missing packages: ${missing[*]}; install them as root, or install sudo" >&2; exit 2; }
  as_root=(sudo)
fi
echo "mqttvet: installing ${#missing[@]} Debian packages: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${as_root[@]}" apt-get update -qq &&
       "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } > "$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "mqttvet: apt-get could not install: ${missing[*]}" >&2
  exit 2
fi
