#!/bin/sh
# mqttvet-broker.sh start|stop|kill [DIRECTORY [PORT [BROKER]]]: one mqttvet-broker on 127.0.0.1 that keeps its data in
# DIRECTORY. BROKER: the program; default: that of the release build.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
directory=${2:-/tmp/mqttvet-broker}
port=${3:-18831}
broker=${4:-$here/../../build/release/cli/mqttvet-broker}
. "$here/process.sh"

case $1 in
  start)
    mkdir -p "$directory/data"
    start_in_background "$directory" "$broker" --listen "mqtt://127.0.0.1:$port" --data "$directory/data"
    ;;
  stop) end_process "$directory" TERM ;;
  kill) end_process "$directory" KILL ;;
  *) echo "mqttvet-broker.sh: expected start, stop or kill" >&2 && exit 2 ;;
esac
