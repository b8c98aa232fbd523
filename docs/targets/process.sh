# For the scripts beside it: one process, whose number is kept in DIRECTORY/pid.

# start_in_background DIRECTORY COMMAND...: status 1, and what it said, if it ends at once.
start_in_background() {
  directory=$1
  shift
  nohup "$@" > "$directory/log" 2>&1 &
  echo $! > "$directory/pid"
  sleep 0.1
  kill -0 $! 2> /dev/null || { cat "$directory/log" >&2 && return 1; }
}

# end_process DIRECTORY SIGNAL: returns when it has gone, or after ten seconds with status 1.
end_process() {
  pid=$(cat "$1/pid")
  kill -"$2" "$pid" 2> /dev/null || return 0  # it has gone already
  for _ in $(seq 200); do
    # A process that nobody has waited for still has its number.
    grep -q 'State:[[:space:]]*[^Z[:space:]]' "/proc/$pid/status" 2> /dev/null || return 0
    sleep 0.05
  done
  return 1
}
