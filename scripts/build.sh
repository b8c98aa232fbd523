#!/usr/bin/env bash
# build.sh [PRESET [TARGET...]]: configures once and builds what has changed (everything, or these targets); one line when
# there is work, nothing when there is none.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preset=${1:-release}
targets=("${@:2}")
build="$root/build/$preset"
log="$build/build.log"
mkdir -p "$build"

fail() {
  grep -E -A 12 'error:|FAILED|CMake Error' "$log" | head -n 60 >&2 || tail -n 20 "$log" >&2
  echo "mqttvet: the build failed; the whole log is $log" >&2
  exit 2
}
if [[ ! -f $build/build.ninja ]]; then
  (cd "$root" && cmake --preset "$preset") > "$log" 2>&1 || fail
fi
plan=$(ninja -C "$build" -n "${targets[@]}" 2>&1 || true)
[[ $plan == *"no work to do"* ]] && exit 0

echo "mqttvet: building $preset (a first build takes some minutes on 2 cores)"
if [[ -t 1 ]]; then
  ninja -C "$build" "${targets[@]}" > "$log" 2>&1 &
  ninja_pid=$!
  while kill -0 "$ninja_pid" 2> /dev/null; do
    printf '\r\033[K%s' "$(tail -n 1 "$log" | cut -c "1-$(tput cols)")"
    sleep 0.5
  done
  printf '\r\033[K'
  wait "$ninja_pid" || fail
else
  ninja -C "$build" "${targets[@]}" > "$log" 2>&1 || fail
fi
