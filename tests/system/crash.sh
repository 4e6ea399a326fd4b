# crash.sh -- signals that mean a crash, to every thread
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"
# shellcheck source=tests/system/crash-lib.sh
. "${abs_top_srcdir:?}/tests/system/crash-lib.sh"

crash_configuration > input
start_daemon < input
process=$daemon
note_services
sleeper=$(pid_of sleeper)

for signal in SEGV BUS ABRT ILL FPE
do
  check_crash "SIG$signal from outside" kill -"$signal" "$daemon"
  check "whose log names the sender" \
    logged "shepherd crashed: .*, sent by process $$, in thread shepherd"
done
for thread in core logger writer spawner shepherd
do
  check_crash "SIGSEGV in thread $thread" \
    fault signal "$daemon" "$thread" 11
  check "whose log says so" logged "shepherd crashed: .* in thread $thread\$"
done

# Not sent: what such a thread was doing cannot be gone on with.
if fault derail "$daemon" nobody 2>/dev/null || test $? -ne 77
then
  for thread in core logger writer spawner shepherd
  do
    check_crash "a fault in thread $thread" fault derail "$daemon" "$thread"
    check "whose log says so" \
      logged "Segmentation fault at address 0x1000, in thread $thread"
  done
fi

check "no more than five reports are kept" equal 5 \
  "$(find . -name 'shepherd-crash-*.txt' | wc -l)"
check "each says where it was" equal 5 \
  "$(grep -l '^Return addresses' shepherd-crash-*.txt | wc -l)"
large=$(find . -name 'shepherd-crash-*.txt' -size +128k)
check "none is large" equal "" "$large"

# At any moment, also before a new image has handlers.
burst ()
{
  left=30
  while test "$left" -gt 0
  do
    fault forgive "$daemon"
    kill -SEGV "$daemon"
    left=$((left - 1))
  done
}
check_crash "signals in a row" burst

check "the daemon ends as usual" stop_daemon
check "and with it its services" eventually gone "$sleeper"
finish
