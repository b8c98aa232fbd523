#!/usr/bin/env bash
# Do the scenarios kill what they say? scenario_mutants.sh PATH_OF_MQTTVET FOLDER_OF_SCENARIOS
# A line "# kills: MUTANT by CODE ..." promises that the scenario fails with that planted bug, by one of these
# codes: an oracle's, or "expectation"; the broker's own invariants don't count. Every scenario has such a line.
set -uo pipefail
mqttvet=$1
folder=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0
runs=0

complain() { echo "FAILED: $1"; failed=1; }

# is_killed SCENARIO MUTANT CODE...
is_killed() {
  local scenario=$1 mutant=$2
  shift 2
  local output status
  output=$("$mqttvet" sim --scenario "$scenario" --mutant "$mutant" --quiet --jobs 1 --json "$dir/result.json" 2>&1)
  status=$?
  runs=$((runs + 1))
  [[ $status -eq 1 ]] || { complain "$scenario: $mutant: status $status, expected 1: $output"; return; }
  for code in "$@"; do
    grep -q "\"code\": \"$code\"" "$dir/result.json" && return
  done
  complain "$scenario: $mutant: expected a finding of $*: $output"
}

for scenario in "$folder"/*.yaml; do
  promises=$(sed -n 's/^# kills: //p' "$scenario")
  [[ -n $promises ]] || complain "$scenario: kills nothing; expected a line '# kills: MUTANT by CODE ...'"
  while read -r mutant by codes; do
    [[ $by == by && -n $codes ]] || { complain "$scenario: '$mutant $by $codes'; expected 'MUTANT by CODE ...'"; continue; }
    # shellcheck disable=SC2086
    is_killed "$scenario" "$mutant" $codes
  done <<< "$promises"
done

[[ $failed -eq 0 ]] && echo "$runs runs: every mutant was killed as promised"
exit $failed
