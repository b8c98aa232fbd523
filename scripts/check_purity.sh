#!/usr/bin/env bash
# check_purity.sh ARCHIVE...: what the core's libraries import, held against what a sans-I/O library may import. A clock,
# a thread, a file, a socket, the environment or a random device in broker/core or broker/codec fails here by its name.
set -euo pipefail
allowed='^(mqttvet::|(non-virtual thunk to |vtable for |typeinfo for |typeinfo name for |guard variable for )?(mqttvet::|std::|__cxxabiv1::|__gnu_cxx::)|operator (new|delete)|mem(cpy|move|set|cmp|chr)$|str(len|cmp|chr|ncmp)$|bcmp$|abort$|__assert_fail$|__libc_single_threaded$|__cxa_|__gxx_personality_v0$|_Unwind_Resume$|__stack_chk_fail$|__dso_handle$|_GLOBAL_OFFSET_TABLE_$|__tls_get_addr$|__asan_|__ubsan_|__tsan_|__sanitizer_)'
forbidden='::_V2::(system|steady)_clock::now|std::random_device|std::thread|std::this_thread|std::mutex|std::condition_variable|std::basic_(o|i)?f?stream|std::basic_filebuf|std::filesystem|std::(cout|cerr|cin|clog)|std::locale'
bad=0
for archive in "$@"; do
  [[ -f $archive ]] || { echo "check_purity: no such archive: $archive" >&2; exit 2; }
  imports=$(nm -uC "$archive" | sed -nE 's/^ +[UvwV] //p' | sort -u)
  while IFS= read -r symbol; do
    [[ -z $symbol ]] && continue
    if ! grep -qE "$allowed" <<< "$symbol" || grep -qE "$forbidden" <<< "$symbol"; then
      echo "$(basename "$archive"): imports $symbol"
      bad=1
    fi
  done <<< "$imports"
done
[[ $bad -eq 0 ]] && echo "purity: no clock, thread, file, socket or random device"
exit $bad
