#!/bin/sh
# mosquitto.sh start|stop|kill [DIRECTORY [PORT]]: one mosquitto on 127.0.0.1 with a database of its own.
set -eu
directory=${2:-/tmp/mqttvet-mosquitto}
port=${3:-18830}
. "$(dirname "$0")/process.sh"

case $1 in
  start)
    mkdir -p "$directory"
    cat > "$directory/mosquitto.conf" << CONF
listener $port 127.0.0.1
allow_anonymous true
user $(id -un)
persistence true
persistence_location $directory/
CONF
    start_in_background "$directory" "$(PATH=$PATH:/usr/sbin command -v mosquitto)" -c "$directory/mosquitto.conf"
    ;;
  stop) end_process "$directory" TERM ;;
  kill) end_process "$directory" KILL ;;
  *) echo "mosquitto.sh: expected start, stop or kill" >&2 && exit 2 ;;
esac
