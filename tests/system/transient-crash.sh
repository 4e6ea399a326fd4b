# transient-crash.sh -- what commands made and monitoring go on after a crash
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

start_daemon <<'END'
(use-modules (shepherd service transient)
             (shepherd service timer)
             (shepherd service monitoring))
(register-services
 (list (transient-service) (timer-service) (monitoring-service)))
(start-service (lookup-service 'monitoring))
END

# Ends when told so.
cat > patient <<'END'
#!/bin/sh
while test -e "$1"; do sleep 0.1; done
echo "goodbye from $1"
exit 3
END
chmod +x patient
touch file daemon
spawn ()
{
  herd spawn transient -d . "$@" | tail -n 1
}
check "the first is number 1" equal "Service transient-1 has been started." \
  "$(spawn -- sleep 1000)"
spawn -- true > /dev/null
spawn -N filed --log-file=filed.log -- ./patient file > /dev/null
spawn -N plain -- ./patient daemon > /dev/null
quietly herd schedule timer at 04:05:06 -- /bin/sh -c 'echo the timer ran'
quietly herd period monitoring 1

ids ()
{
  echo "$(pid_of transient-1) $(pid_of filed) $(pid_of plain)"
}
# What a status shows, but for what passes.
look ()
{
  for name in transient-1 filed plain timer-1 monitoring
  do
    herd status -n 0 "$name" | sed 's/ ([^)]* ago)//;s/ (in [^)]*)//'
  done
}
settled ()
{
  herd eval root '(+ 1 2)' 2>/dev/null | grep -q 3
}
crash ()
{
  count=$(grep -c 'Going on' "$log")
  kill -SEGV "$daemon"
  eventually went_on "$count"
  eventually settled
}
went_on ()
{
  test "$(grep -c 'Going on' "$log")" -gt "$1"
}

ids=$(ids)
look > before
reexec ()
{
  herd reexec root
}
for how in crash crash reexec
do
  quietly "$how" || die "it does not go on: $(cat out)"
  check "after a $how, processes are the same" equal "$ids" "$(ids)"
  look > after
  check "and all else, too" diff before after
done
check "nothing was started" equal 1 \
  "$(grep -c 'Starting service filed' "$log")"

check "numbers go on" equal "Service transient-3 has been started." \
  "$(spawn -- sleep 1000)"
check "of timers, too" matches "Service timer-2 has been started." \
  "$(herd schedule timer at 04:00 -- true)"
check "names are still in use" exits 1 \
  quietly herd spawn transient -N filed -- true
reports ()
{
  grep -c 'service names: ' "$log"
}
more_reports ()
{
  test "$(reports)" -gt "$1"
}
check "monitoring goes on, with its period" \
  eventually more_reports $(($(reports) + 1))
check "it can be changed" exits 0 quietly herd period monitoring 600

rm file daemon
check "the end of a command is noticed" eventually fails quietly herd status filed
check "its last words are in its file" grep -q 'goodbye from file$' filed.log
check "or in the log" eventually logged 'patient\[[0-9]*\] goodbye from daemon$'
check "and it is forgotten" eventually fails quietly herd status plain
check "the timer can be triggered" exits 0 quietly herd trigger timer-1
check "does what it should" eventually logged 'the timer ran$'
check "and is forgotten then" eventually fails quietly herd status timer-1

first=$(pid_of transient-1)
check "stopping the maker stops what it made before" \
  exits 0 herd stop transient
check "the process ends" eventually gone "$first"
check "and is forgotten" exits 1 quietly herd status transient-1

# Without the maker in the configuration, what runs can be stopped still.
spawn -N orphan -- sleep 1000 > /dev/null
orphan=$(pid_of orphan)
echo '(register-services (list))' > config.scm
quietly herd reexec root
check "without the maker the process goes on" equal "$orphan" "$(pid_of orphan)"
check "it can be stopped" exits 0 quietly herd stop orphan
check "it ends" eventually gone "$orphan"
check "and is forgotten" exits 1 quietly herd status orphan
check "the daemon ends" stop_daemon
finish
