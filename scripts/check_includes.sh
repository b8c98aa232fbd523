#!/usr/bin/env bash
# Who may include whom (docs/ARCHITECTURE.md). Every `#include "folder/..."` of a folder must be on its line below.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

declare -A may=(
  [broker/mutants]="broker/mutants"
  [broker/codec]="broker/codec broker/mutants"
  [broker/core]="broker/core broker/codec broker/mutants"
  [broker/storage]="broker/storage broker/core broker/codec broker/mutants"
  [broker/driver]="broker/driver broker/core broker/mutants"
  [broker/access]="broker/access broker/core broker/codec"
  [broker/config]="broker/config broker/access broker/driver broker/net broker/core"
  [broker/net]="broker/net broker/driver broker/core broker/storage"
  [conformance/wire]="conformance/wire"
  [conformance/statements]="conformance/statements"
  [conformance/scram]="conformance/scram"
  [conformance/harness]="conformance/harness conformance/wire"
  [conformance/paho]="conformance/paho conformance/harness conformance/wire sim/guest sim/plan sim/network sim/world"
  [conformance/target_sim]="conformance/target_sim conformance/paho conformance/harness sim/node sim/guest sim/network sim/world broker/access broker/core"
  [conformance/selftest]="conformance/selftest conformance/target_sim conformance/harness conformance/wire broker/core"
  [conformance/elsewhere]="conformance/elsewhere conformance/harness conformance/statements conformance/wire"
  [conformance/target_live]="conformance/target_live conformance/harness"
  [conformance/client]="conformance/client conformance/malformed conformance/harness conformance/wire"
  [conformance/interop]="conformance/interop conformance/harness"
  [conformance/mqtt5]="conformance/mqtt5 conformance/harness conformance/scram"
  [conformance/mqtt311]="conformance/harness"
  [conformance/mqtt31]="conformance/harness"
  [conformance/matrix]="conformance/matrix conformance/harness conformance/wire"
  [conformance/malformed]="conformance/malformed conformance/harness conformance/wire"
  [sim/world]="sim/world"
  [sim/disk]="sim/disk sim/world"
  [sim/network]="sim/network sim/world"
  [sim/plan]="sim/plan sim/world broker/core broker/driver broker/access conformance/wire"
  [sim/checkers]="sim/checkers sim/plan sim/world conformance/wire"
  [sim/guest]="sim/guest sim/plan sim/network sim/world conformance/wire"
  [sim/node]="sim/node sim/disk sim/network sim/world broker/core broker/storage broker/driver broker/access"
  [sim/run]="sim/run sim/node sim/guest sim/checkers sim/plan sim/network sim/disk sim/world conformance/wire conformance/scram broker/core"
  [sim/hunt]="sim/hunt sim/run sim/checkers sim/plan sim/world broker/core"
  [reports]="reports sim/hunt conformance/harness conformance/selftest conformance/statements conformance/wire sim/run sim/plan sim/world"
  [fuzz]="fuzz broker/codec broker/core broker/driver conformance/wire sim/world"
  [cli]="cli reports conformance/statements conformance/harness conformance/selftest conformance/elsewhere conformance/target_sim conformance/target_live conformance/paho sim/hunt sim/run sim/guest sim/plan sim/world broker/net broker/config broker/access broker/storage broker/driver broker/core"
)
# A test may also reach what it stands beside: these, and nothing else.
declare -A test_may=(
  [conformance/wire]="broker/codec"
  [conformance/statements]="conformance/harness"
  [conformance/target_live]="conformance/wire"
  [sim/disk]="broker/storage broker/core broker/codec"
  [sim/node]="conformance/wire"
  [sim/hunt]="sim/guest"
)
# The pure folders see the standard library and nothing else; no clocks, threads or randomness even of that.
pure="broker/mutants broker/codec broker/core conformance/wire"
impure='<(boost|sqlite3|openssl|fmt|spdlog|nlohmann|yaml-cpp|sys/|netinet/|unistd|pthread|thread|mutex|atomic|condition_variable|future|random|iostream|fstream|filesystem|ctime|time\.h|cstdio|stdio)'

bad=0
complain() { echo "$1"; bad=1; }
for folder in "${!may[@]}"; do
  [[ -d $folder ]] || continue
  while IFS=: read -r file line text; do
    target=$(sed -E 's/.*"([^"]+)".*/\1/' <<< "$text")
    [[ $target == */* ]] || { complain "$file:$line: include \"$target\" by its path from the root"; continue; }
    allowed="${may[$folder]}"
    [[ $file == *_test.cpp || $file == */test_* || $file == *_bench.cpp ]] && allowed="$allowed ${test_may[$folder]:-}"
    ok=0
    for prefix in $allowed; do [[ $(dirname "$target") == "$prefix" || $target == "$prefix"/* ]] && ok=1; done
    [[ $ok -eq 1 ]] || complain "$file:$line: $folder may not include \"$target\" (allowed: $allowed)"
  done < <(find "$folder" -maxdepth 1 \( -name '*.h' -o -name '*.cpp' -o -name '*.inc' \) -exec grep -HnE '^[[:space:]]*#include "' {} + || true)
done
for folder in $pure; do
  while IFS= read -r hit; do complain "$hit: $folder may include nothing but the pure standard library"; done \
    < <(find "$folder" -maxdepth 1 \( -name '*.h' -o -name '*.cpp' \) ! -name '*_test.cpp' ! -name 'test_*' ! -name '*_bench.cpp'  \
          -exec grep -HnE "^[[:space:]]*#include $impure" {} + || true)
done
[[ $bad -eq 0 ]] && echo "includes: every arrow points the right way"
exit $bad
