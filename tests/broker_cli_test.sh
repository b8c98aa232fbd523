#!/usr/bin/env bash
# What mqttvet-broker says and how it ends: broker_cli_test.sh PATH_OF_MQTTVET_BROKER
set -uo pipefail
broker=$1
dir=$(mktemp -d)
pid=""
cleanup() { [[ -n $pid ]] && kill -9 "$pid" 2> /dev/null; rm -rf "$dir"; }
trap cleanup EXIT
failed=0

complain() { echo "FAILED: $1"; failed=1; }

# refuses STATUS "TEXT" ARGS...: ends with STATUS, and its one line on stderr has TEXT.
refuses() {
  local status=$1 text=$2
  shift 2
  local output
  output=$(timeout 10 "$broker" "$@" -q 2>&1 > /dev/null)
  local got=$?
  [[ $got -eq $status ]] || complain "$*: status $got, expected $status: $output"
  [[ $output == *"$text"* ]] || complain "$*: expected '$text', got: $output"
  [[ $(wc -l <<< "$output") -eq 1 ]] || complain "$*: more than one line: $output"
}

# starts LOG ARGS...: starts a broker on a free port; sets pid and port.
starts() {
  local log=$1
  shift
  "$broker" --listen mqtt://127.0.0.1:0 "$@" 2> "$log" &
  pid=$!
  port=""
  for _ in $(seq 100); do
    port=$(sed -n 's/.*listening on mqtt:\/\/127.0.0.1:\([0-9]*\)$/\1/p' "$log")
    [[ -n $port ]] && return
    sleep 0.05
  done
  complain "$*: does not listen: $(cat "$log")"
}
# ends STATUS SIGNAL
ends() {
  kill "-$2" "$pid"
  wait "$pid"
  local got=$?
  pid=""
  [[ $got -eq $1 ]] || complain "after SIG$2: status $got, expected $1"
}

# --- Usage ---
"$broker" --help | grep -q "max_inflight" || complain "--help does not list the keys"
"$broker" --version | grep -q "^mqttvet-broker [0-9]" || complain "--version"
refuses 2 "--data DIR, or --memory"
refuses 2 "--lisen" --memory --lisen mqtt://127.0.0.1:1
refuses 2 "excludes" --memory --data "$dir/d"
refuses 2 "has no scheme" --memory --listen 127.0.0.1:1883
refuses 2 "the scheme 'http' is not served" --memory --listen http://127.0.0.1
refuses 2 "'example.org' is not" --memory --listen mqtt://example.org
refuses 2 "':99999' is not a port" --memory --listen mqtt://127.0.0.1:99999
refuses 2 "without a users file only loopback" --memory --listen mqtt://0.0.0.0:1883
refuses 2 "did you mean 'max_inflight'?" --memory --set max_inflght=3
refuses 2 "expected KEY=VALUE" --memory --set max_inflight
refuses 2 "expected a whole number from 1 to 65535" --memory --set receive_maximum=0

# --- The data directory ---
touch "$dir/file"
refuses 3 "$dir/file" --data "$dir/file"
mkdir "$dir/corrupt"
printf 'this is not a database, whatever its name says, and it is long enough to have a header of its own' \
  > "$dir/corrupt/mqttvet.db"
cp "$dir/corrupt/mqttvet.db" "$dir/before"
refuses 3 "$dir/corrupt/mqttvet.db" --data "$dir/corrupt"
cmp -s "$dir/before" "$dir/corrupt/mqttvet.db" || complain "a file that is not ours was changed"
if [[ $(id -u) -ne 0 ]]; then
  mkdir -m 500 "$dir/readonly"
  refuses 3 "no permission to write" --data "$dir/readonly"
fi

# --- While one runs ---
starts "$dir/log" --data "$dir/data"
refuses 3 "cannot listen on mqtt://127.0.0.1:$port: Address already in use" --memory --listen "mqtt://127.0.0.1:$port"
refuses 3 "$dir/data/mqttvet.db" --data "$dir/data" --listen mqtt://127.0.0.1:0
ends 0 TERM
grep -q "stopped" "$dir/log" || complain "says nothing at its end"
starts "$dir/log" --data "$dir/data"
ends 0 INT

# --- Real clients ---
if command -v mosquitto_pub > /dev/null; then
  starts "$dir/log" --data "$dir/data"
  for version in mqttv31 mqttv311 mqttv5; do
    for qos in 0 1 2; do
      timeout 10 mosquitto_pub -h 127.0.0.1 -p "$port" -V $version -t "kept/$version/$qos" -q $qos -r -m "hello $qos" \
        || complain "mosquitto_pub $version $qos"
    done
    got=$(timeout 10 mosquitto_sub -h 127.0.0.1 -p "$port" -V $version -t "kept/$version/+" -q 2 -C 3 | sort | tr '\n' ' ')
    [[ $got == "hello 0 hello 1 hello 2 " ]] || complain "mosquitto_sub $version: '$got'"
    # A session that waits for its messages through a restart of the broker.
    timeout 10 mosquitto_sub -h 127.0.0.1 -p "$port" -V $version -c -i "away-$version" -x 3600 -t "mail/$version" -q 2 -E \
      || complain "mosquitto_sub -E $version"
    timeout 10 mosquitto_pub -h 127.0.0.1 -p "$port" -V $version -t "mail/$version" -q 1 -m "letter 1"
    timeout 10 mosquitto_pub -h 127.0.0.1 -p "$port" -V $version -t "mail/$version" -q 2 -m "letter 2"
  done
  ends 137 KILL
  starts "$dir/log" --data "$dir/data"
  for version in mqttv31 mqttv311 mqttv5; do
    got=$(timeout 10 mosquitto_sub -h 127.0.0.1 -p "$port" -V $version -c -i "away-$version" -x 3600 -t "mail/$version" -q 2 -C 2 \
      | tr '\n' ' ')
    [[ $got == "letter 1 letter 2 " ]] || complain "after kill -9, $version: '$got'"
  done
  ends 0 TERM
fi

[[ $failed -eq 0 ]] && echo "mqttvet-broker: every line and status as promised"
exit $failed
