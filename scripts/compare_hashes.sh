#!/usr/bin/env bash
# compare_hashes.sh [SEEDS]: one seed is one run, whoever compiled it. Builds mqttvet with -O2 (release) and -O0 (dev), runs the seeds
# (1..300) in both, on fibers and on threads, and compares the hashes of the traces.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
seeds=${1:-1..300}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

for preset in release dev; do
  "$root/scripts/build.sh" "$preset" mqttvet
  for backend in fibers threads; do
    "$root/build/$preset/cli/mqttvet" sim --seeds "$seeds" --backend $backend --no-shrink -q --hashes "$dir/$preset-$backend"
  done
done
for other in release-threads dev-fibers dev-threads; do
  cmp "$dir/release-fibers" "$dir/$other" || { diff "$dir/release-fibers" "$dir/$other" | head -5; exit 1; }
done
echo "$(wc -l < "$dir/release-fibers") runs have the same hash at -O2 and -O0, on fibers and on threads"
