#!/usr/bin/env bash
# build.sh [PRESET]: configures once and builds what has changed; one line when there is work, nothing when there is none.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preset=${1:-release}
build="$root/build/$preset"
log="$build/build.log"
mkdir -p "$build"

fail() {
  grep -E -A 12 'error:|FAILED|CMake Error' "$log" | head -n 60 >&2 || true
  echo "mqttvet: the build failed; the whole log is $log" >&2
  exit 2
}
if [[ ! -f $build/build.ninja ]]; then
  (cd "$root" && cmake --preset "$preset") > "$log" 2>&1 || fail
fi
if ! ninja -C "$build" -n 2> /dev/null | grep -q 'no work to do'; then
  echo "mqttvet: building $preset (a first build takes some minutes on 2 cores)"
  if [[ -t 1 ]]; then
    ninja -C "$build" 2>&1 | tee "$log" | while IFS= read -r line; do [[ $line == \[* ]] && printf '\r\033[K%.*s' "$(tput cols)" "$line"; done
    printf '\r\033[K'
    [[ ${PIPESTATUS[0]} -eq 0 ]] || fail
  else
    ninja -C "$build" > "$log" 2>&1 || fail
  fi
fi
