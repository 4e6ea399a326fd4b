# crash-storm.sh -- crashes at random moments of a busy system
# shellcheck shell=sh
# deadline: 3600 seconds

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# CRASHES says how many; SEED, what is chosen; AS_INIT, that it is PID 1.

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

seed=${SEED:-$(date +%s)}
echo "SEED=$seed"
mkdir town
export DIRECTORY="$directory/town"
export WORKER="${abs_top_builddir:?}/tests/system/worker"
if test -n "$AS_INIT"
then
  need_namespaces
  start_init < "$abs_top_srcdir/tests/system/crash-town.scm"
  process=$init
else
  start_daemon < "$abs_top_srcdir/tests/system/crash-town.scm"
  process=$daemon
fi
check "services, clients and logs come through all crashes" \
  "${GUILE:-guile}" --no-auto-compile -s \
  "$abs_top_srcdir/tests/system/storm.scm" \
  "$socket" "$process" "$log" "$directory/town" "${CRASHES:-30}" "$seed"
check "the daemon ends in order" logged '(Exiting|Rebooting)\.'
finish
