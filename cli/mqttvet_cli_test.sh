#!/usr/bin/env bash
# What mqttvet says and how it ends: mqttvet_cli_test.sh PATH_OF_MQTTVET
set -uo pipefail
mqttvet=$(realpath "$1")
docs=$(realpath "$(dirname "$0")/../docs")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

complain() { echo "FAILED: $1"; failed=1; }

# ends STATUS ARGS...: ends with STATUS; its stdout is in $dir/out, its stderr in $dir/err.
ends() {
  local status=$1
  shift
  timeout 120 "$mqttvet" "$@" > "$dir/out" 2> "$dir/err"
  local got=$?
  [[ $got -eq $status ]] || complain "$*: status $got, expected $status: $(cat "$dir/err")"
}
# refuses "TEXT" ARGS...: status 2, and one line on stderr that has TEXT.
refuses() {
  local text=$1
  shift
  ends 2 "$@"
  grep -qF -- "$text" "$dir/err" || complain "$*: expected '$text', got: $(cat "$dir/err")"
  [[ $(wc -l < "$dir/err") -eq 1 ]] || complain "$*: not exactly one line: $(cat "$dir/err")"
  [[ ! -s $dir/out ]] || complain "$*: something on stdout: $(cat "$dir/out")"
}
# says "TEXT": the last output has it.
says() { grep -qF -- "$1" "$dir/out" || complain "expected '$1', got: $(cat "$dir/out")"; }

cat > "$dir/good.yaml" <<'YAML'
format: 1
name: a good one
clients: {alice: {driver: raw}}
steps:
  - alice: connect
YAML
cat > "$dir/unmet.yaml" <<'YAML'
format: 1
clients: {alice: {driver: raw}}
steps:
  - alice: connect
  - alice: {expect: {in_order: [SUBACK], within: 1s}}
YAML
cat > "$dir/broken.yaml" <<'YAML'
format: 1
clients: {alice: {}}
steps:
  - alice: conect
YAML
mkdir "$dir/empty"

# --- Usage ---
ends 0 --help; says "Examples:"; says "Exit status:"
for command in sim replay; do ends 0 $command --help; says "Examples:"; done
ends 0 --version; grep -qE '^mqttvet [0-9]+\.[0-9]+' "$dir/out" || complain "--version"
ends 0 mutants --list; says "B015_pid_collision_at_wrap"
refuses "subcommand"
refuses "--sedes" sim --sedes 1..5
refuses "unknown command 'simm'; expected one of conform, explain, selftest, sim, replay, shrink, mutants, broker" simm
refuses "--seeds: '5..1'; expected A..B" sim --seeds 5..1
refuses "--seeds: 'x'" sim --seeds x
refuses "--time-budget: '60'; expected a duration" sim --time-budget 60
refuses "--shard: '3/2'; expected I/N" sim --seeds 1..2 --shard 3/2
refuses "--jobs" sim --jobs 0
refuses "--backend" sim --backend green
refuses "--mutant: unknown 'B999'" sim --seeds 1..2 --mutant B999
refuses "no/such.json" sim --seeds 1..2 --json no/such.json
refuses "no/such.yaml: cannot be read" sim --scenario no/such.yaml
refuses "no scenario in it" sim --scenario "$dir/empty"
refuses "$dir/broken.yaml:4:12: unknown operation 'conect'" sim --scenario "$dir/broken.yaml"
refuses "$dir/broken.yaml:4:12: unknown operation 'conect'" replay "$dir/broken.yaml"
refuses "subject is required" replay
refuses "unknown mutant 'Z*'; expected" mutants 'Z*'
refuses "seed 1 passes; expected a run that fails" shrink 1
refuses "--time-budget: '5'; expected a duration" shrink 1 --time-budget 5
refuses "fails by what its steps say (expectation)" shrink "$dir/unmet.yaml"

# --- Outcome ---
ends 0 sim --scenario "$dir/good.yaml" -v; says "passed a good one"
ends 1 sim --scenario "$dir/unmet.yaml"; says "SUBACK did not come"; says "replay it: mqttvet replay $dir/unmet.yaml"
ends 1 sim --scenario "$dir/good.yaml" --mutant B055; says "replay it: mqttvet replay $dir/good.yaml --mutant B055"
ends 0 replay "$dir/good.yaml" --trace; says "alice -> broker  CONNECT"; says "alice <- broker  CONNACK ok"
ends 0 replay "$dir/good.yaml" --twice -q; says "the runs were the same"
cd "$dir" && touch 42 && refuses "42: found 0 YAML documents" replay 42  # a file of that name goes before the seed

# --- A planted bug is hunted, and what finds it made small ---
ends 0 mutants B039 --no-shrink --json "$dir/hunt.json" --markdown "$dir/hunt.md"; says "killed by"; says "1 of 1 planted bugs"
seed=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["mutants"][0]["seed"])' "$dir/hunt.json")
grep -q '^| B039_refill_wrong_end |' "$dir/hunt.md" || complain "--markdown"
ends 1 mutants B039 --seeds 0; says "never reached"
ends 0 shrink "$seed" --mutant B039 --out "$dir/small.yaml"
ends 0 replay "$dir/small.yaml" -q
ends 1 replay "$dir/small.yaml" -q --mutant B039
ends 1 sim --seeds "$seed" --mutant B039; says "operations and faults became"; says "# kills: B039_refill_wrong_end by"
ends 1 sim --seeds "$seed" --mutant B039 --no-shrink
grep -q "became" "$dir/out" && complain "--no-shrink: made it small all the same"

# --- Reports ---
ends 0 sim --seeds 1..20 --hashes "$dir/one" --json "$dir/json" --junit "$dir/junit"; says "20 runs in"; says "faults"
[[ $(wc -l < "$dir/one") -eq 20 ]] || complain "--hashes: expected 20 lines"
grep -qE '^1 [0-9a-f]{16}$' "$dir/one" || complain "--hashes: expected 'SEED HASH'"
python3 -c 'import json,sys; assert json.load(open(sys.argv[1]))["runs"] == 20' "$dir/json" || complain "--json"
python3 -c 'import sys, xml.etree.ElementTree as x; assert len(x.parse(sys.argv[1]).findall(".//testcase")) == 20' \
  "$dir/junit" || complain "--junit"

# --- One seed is one run: in any order, number of processes and backend, and when it is replayed ---
ends 0 sim --seeds 1..20 --twice --jobs 1 --hashes "$dir/two"
ends 0 sim --seeds 1..20 --backend threads --hashes "$dir/three"
ends 0 sim --seeds 1..20 --shard 1/2 --hashes "$dir/odd"
ends 0 sim --seeds 1..20 --shard 2/2 --hashes "$dir/even"
sort -n "$dir/odd" "$dir/even" > "$dir/four"
for other in two three four; do cmp -s "$dir/one" "$dir/$other" || complain "hashes differ: $(diff "$dir/one" "$dir/$other")"; done
for seed in 3 6 7; do
  ends 0 replay $seed -q
  says "hash $(sed -n "s/^$seed //p" "$dir/one")"
  ends 0 replay $seed --trace
  says "hash $(sed -n "s/^$seed //p" "$dir/one")"
done

for what in clock order memory; do  # planted nondeterminism is found, and told by its first event
  ends 1 sim --seeds 1..3 --twice --unsettle $what; says "is the first to differ"
done

# --- A seed becomes a scenario, which is the same run ---
ends 0 replay 7 -q --save "$dir/seven.yaml"
ends 0 replay "$dir/seven.yaml" -q
says "hash $(sed -n 's/^7 //p' "$dir/one")"

# --- The example of the manual is a scenario, and passes ---
awk '/^```yaml/ {inside = 1; next} /^```/ {inside = 0} inside' "$docs/scenario-format.md" > "$dir/manual.yaml"
ends 0 replay "$dir/manual.yaml" -q; says "passed a PUBREL is lost with its connection"

exit $failed
