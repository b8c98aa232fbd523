#!/usr/bin/env bash
# fuzz.sh TARGET SECONDS   fuzzes `codec` or `broker` with clang's libFuzzer, AddressSanitizer and UBSan, starting from
#                          fuzz/corpus/TARGET; what it finds that is new is merged into the corpus, which stays small
# fuzz.sh TARGET FILE      runs one input, with the fuzzer's own report
# A finding ends it with status 1, and the input is in build/fuzz/findings.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${1:-}
seconds=${2:-}
case $target in codec | broker) ;; *)
  echo "mqttvet: fuzz.sh: unknown target '$target'; expected codec or broker" >&2
  exit 2 ;;
esac
[[ $seconds =~ ^[0-9]+$ || -f $seconds ]] || {
  echo "mqttvet: fuzz.sh: expected a number of seconds or a file, not '$seconds'" >&2
  exit 2
}
# Kept in the repository, so small: an input of many bytes rarely reaches what a short one can't.
max_bytes=1024
max_files=300

"$root/scripts/install.sh" clang
"$root/scripts/build.sh" fuzz "${target}_fuzz"
build="$root/build/fuzz"
fuzzer="$build/fuzz/${target}_fuzz"
[[ -f $seconds ]] && exec "$fuzzer" "$seconds"

corpus="$root/fuzz/corpus/$target"
found="$build/corpus/$target"
findings="$build/findings"
mkdir -p "$corpus" "$found" "$findings"
status=0
"$fuzzer" -max_total_time="$seconds" -max_len="$max_bytes" -len_control=0 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
  -artifact_prefix="$findings/$target-" "$found" "$corpus" || status=1

# The smallest set of inputs that reaches everything.
merged=$(mktemp -d)
trap 'rm -rf "$merged"' EXIT
"$fuzzer" -set_cover_merge=1 -max_len="$max_bytes" -artifact_prefix="$findings/$target-" "$merged" "$corpus" "$found" > "$build/merge.log" 2>&1 ||
  { echo "mqttvet: fuzz.sh: the merge failed; its log is $build/merge.log" >&2; exit 1; }
[[ -n $(ls -A "$merged") ]] || { echo "mqttvet: fuzz.sh: the merge is empty: every input fails" >&2; exit 1; }
rm -rf "$corpus"
mkdir -p "$corpus"
# The longest first: they reach most.
find "$merged" -type f -printf '%s %p\n' | sort -rn | sed -n "1,${max_files}p" | while read -r _ file; do
  cp "$file" "$corpus/"
done
echo "mqttvet: corpus of $target: $(find "$corpus" -type f | wc -l) inputs, $(du -sb "$corpus" | cut -f1) bytes"
exit "$status"
