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
  output=$(timeout 10 "$broker" -q "$@" 2>&1 > /dev/null)
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
"$broker" --help | grep "max_inflight" > /dev/null || complain "--help does not list the keys"
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

# --- The configuration file ---
# writes TEXT: into $dir/c.yaml
writes() { printf '%b' "$1" > "$dir/c.yaml"; }
"$broker" --print-config > "$dir/printed.yaml" || complain "--print-config"
"$broker" --config "$dir/printed.yaml" --memory --check-config > /dev/null || complain "the printed configuration is refused"
[[ $("$broker" --config "$dir/printed.yaml" --set max_inflight=7 --print-config | grep -c '^max_inflight: 7$') -eq 1 ]] \
  || complain "--set does not change what the file says"
writes 'storage: {memory: true}\nmax_inflght: 3\n'
refuses 2 "c.yaml:2:1: unknown configuration key 'max_inflght': did you mean 'max_inflight'?" --config "$dir/c.yaml"
writes 'storage:\n  memory: maybe\n'
refuses 2 "c.yaml:2:11: storage.memory: expected true or false" --config "$dir/c.yaml"
refuses 2 "did you mean 'storage.directory'?" --set storage.diretory=x
refuses 2 "cannot read $dir/nowhere" --config "$dir/nowhere"
refuses 2 "needs certificate_file" --memory --listen mqtts://127.0.0.1:0
refuses 2 "$dir/nowhere" --memory --check-config --listen mqtts://127.0.0.1:0 --certificate "$dir/nowhere" --key "$dir/nowhere"

# --- Users and ACL ---
refuses 2 "found nothing" passwd "$dir/users" ann < /dev/null
echo secret | "$broker" passwd "$dir/users" ann || complain "passwd"
echo other | "$broker" passwd "$dir/users" bob || complain "passwd, a second user"
[[ $(stat -c %a "$dir/users") -eq 600 ]] || complain "the users file can be read by others"
grep -q '^ann:\$scrypt\$ln=14,r=8,p=1\$.*:\$scram-sha-256\$i=4096\$' "$dir/users" || complain "the line of a user: $(cat "$dir/users")"
grep -q secret "$dir/users" && complain "the password stands in the users file"
"$broker" passwd --delete "$dir/users" bob || complain "passwd --delete"
[[ $(wc -l < "$dir/users") -eq 1 ]] || complain "a deleted user is still there"
refuses 2 "has no user 'bob'" passwd --delete "$dir/users" bob
refuses 2 "must not have a ':'" passwd "$dir/users" a:b <<< x
printf 'allow user ann all home/%%u/#\ndeny all publish\n' > "$dir/acl"
refuses 2 "$dir/acl:2:17: expected a topic filter" --memory --acl "$dir/acl"
printf 'allow user ann all home/%%u/#\n' > "$dir/acl"
"$broker" --memory --users "$dir/users" --acl "$dir/acl" --listen mqtt://0.0.0.0:0 --check-config > /dev/null \
  || complain "with a users file every address may be served"

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

# --- Log and SIGHUP ---
starts "$dir/log" --memory --users "$dir/users" --acl "$dir/acl"
echo 'broken' > "$dir/acl"
kill -HUP "$pid"
for _ in $(seq 100); do grep -q "stays as it was" "$dir/log" && break; sleep 0.05; done
grep -q "$dir/acl:1:1: expected allow or deny, found 'broken'; everything stays as it was" "$dir/log" \
  || complain "a broken ACL is not refused: $(cat "$dir/log")"
printf 'allow user ann all home/%%u/#\n' > "$dir/acl"
kill -HUP "$pid"
for _ in $(seq 100); do grep -q "read again" "$dir/log" && break; sleep 0.05; done
grep -q "users, ACL and certificates read again" "$dir/log" || complain "SIGHUP does nothing"
if command -v mosquitto_pub > /dev/null; then
  mosquitto_pub -h 127.0.0.1 -p "$port" -u ann -P secret -i phone -t home/ann/t -m x -q 1 -V mqttv5 || complain "the right password"
  mosquitto_pub -h 127.0.0.1 -p "$port" -u ann -P wrong -t home/ann/t -m x 2> /dev/null && complain "a wrong password is taken"
  mosquitto_pub -h 127.0.0.1 -p "$port" -t home/ann/t -m x 2> /dev/null && complain "nobody may come without a name"
  timeout 20 mosquitto_sub -h 127.0.0.1 -p "$port" -u ann -P secret -i watch -V mqttv5 -t home/ann/# 2> /dev/null &
  watcher=$!
  sleep 0.5  # it connects
  : > "$dir/users"
  kill -HUP "$pid"
  for _ in $(seq 100); do grep -q "its user name is not known any more" "$dir/log" && break; sleep 0.05; done
  grep -q "its user name is not known any more" "$dir/log" || complain "a user that is gone stays connected: $(cat "$dir/log")"
  kill $watcher 2> /dev/null
  wait $watcher 2> /dev/null
fi
ends 0 TERM

# --- The configuration, again ---
printf 'storage: {memory: true}\nlog: {connection: warning}\nqueue_messages_max: 5\n' > "$dir/live.yaml"
starts "$dir/log" --config "$dir/live.yaml"
printf 'nonsense\n' | timeout 5 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port; cat >&3; cat <&3" > /dev/null
grep -q "CONNECT" "$dir/log" && complain "log.connection: warning writes info: $(cat "$dir/log")"
printf 'storage: {memory: true}\nlog: {session: error}\nqueue_messages_max: 6\nreceive_maximum: 7\n' > "$dir/live.yaml"
kill -HUP "$pid"
for _ in $(seq 100); do grep -q "read again" "$dir/log" && break; sleep 0.05; done
grep -q "receive_maximum: another value needs a restart" "$dir/log" || complain "SIGHUP does not name what needs a restart"
grep -q "queue_messages_max\|log.connection\|log.session" "$dir/log" && complain "SIGHUP names what needs none: $(cat "$dir/log")"
printf 'nonsense\n' | timeout 5 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port; cat >&3; cat <&3" > /dev/null
grep -q "CONNECT" "$dir/log" || complain "SIGHUP does not change the level of an area: $(cat "$dir/log")"
echo 'queue_messages_max: many' > "$dir/live.yaml"
kill -HUP "$pid"
for _ in $(seq 100); do grep -q "stays as it was" "$dir/log" && break; sleep 0.05; done
grep -q "live.yaml:1:21: queue_messages_max: expected.*everything stays as it was" "$dir/log" || complain "SIGHUP takes a broken file: $(cat "$dir/log")"
ends 0 TERM

# --- Certificates ---
# signs NAME [CA]: makes $dir/NAME.pem and .key, signed by $dir/CA.pem, or by itself.
signs() {
  local by=()
  [[ $# -gt 1 ]] && by=(-CA "$dir/$2.pem" -CAkey "$dir/$2.key")
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -days 2 -keyout "$dir/$1.key" \
    -out "$dir/$1.pem" "${by[@]}" 2> /dev/null || complain "openssl, $1"
}
# knocks CA NAME TOPIC: publishes with NAME's certificate to the TLS broker, which must have one of CA.
knocks() {
  timeout 10 mosquitto_pub -h 127.0.0.1 -p "$port" --cafile "$dir/$1.pem" --insecure --cert "$dir/$2.pem" --key "$dir/$2.key" \
    -i "$2" -V mqttv5 -q 1 -t "$3" -m x 2>&1
}
# hangs_up TEXT: SIGHUP, and the log then says TEXT once more than before.
hangs_up() {
  local before
  before=$(grep -c "$1" "$dir/log")
  kill -HUP "$pid"
  for _ in $(seq 100); do [[ $(grep -c "$1" "$dir/log") -gt $before ]] && return; sleep 0.05; done
  complain "after SIGHUP the log does not say '$1': $(cat "$dir/log")"
}
if command -v mosquitto_pub > /dev/null && command -v openssl > /dev/null; then
  signs old_ca
  signs new_ca
  signs server old_ca
  signs sensor old_ca
  tls=(--certificate "$dir/server.pem" --key "$dir/server.key" --client-ca "$dir/old_ca.pem")
  refuses 2 "use_certificate_name needs mqtts or wss, and verify_client" --memory "${tls[@]}" --use-certificate-name \
    --listen mqtts://127.0.0.1:0
  printf 'allow user sensor all dev/%%u\n' > "$dir/acl"
  "$broker" --memory --acl "$dir/acl" --listen mqtts://0.0.0.0:0 "${tls[@]}" --verify-client required --use-certificate-name \
    --check-config > /dev/null || complain "with names from certificates every address may be served"
  "$broker" --memory --acl "$dir/acl" --listen mqtts://127.0.0.1:0 "${tls[@]}" --verify-client required --use-certificate-name \
    2> "$dir/log" &
  pid=$!
  for _ in $(seq 100); do grep -q "listening" "$dir/log" && break; sleep 0.05; done
  port=$(sed -n 's/.*listening on mqtts:\/\/127.0.0.1:\([0-9]*\)$/\1/p' "$dir/log")
  knocks old_ca sensor dev/sensor > /dev/null || complain "a certificate is no user name"
  knocks old_ca sensor dev/other | grep -qi "not authorized" || complain "a certificate gives the rights of others"
  knocks new_ca sensor dev/sensor > /dev/null && complain "openssl: the new authority knows the old certificate"
  echo "no key" > "$dir/server.key"
  hangs_up "everything stays as it was"
  knocks old_ca sensor dev/sensor > /dev/null || complain "a broken key ends the service"
  signs server new_ca
  hangs_up "read again"
  knocks new_ca sensor dev/sensor > /dev/null || complain "SIGHUP does not take the new certificate: $(cat "$dir/log")"
  knocks old_ca sensor dev/sensor > /dev/null && complain "the old certificate is still shown"
  ends 0 TERM
fi

"$broker" --memory --listen mqtt://127.0.0.1:0 --log-format json 2> "$dir/log" &
pid=$!
for _ in $(seq 100); do grep -q "listening" "$dir/log" && break; sleep 0.05; done
ends 0 TERM
python3 - "$dir/log" << 'PYTHON' || complain "--log-format json: $(cat "$dir/log")"
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
assert any(line["text"].startswith("listening on mqtt://127.0.0.1:") and line["level"] == "info" for line in lines)
PYTHON

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
