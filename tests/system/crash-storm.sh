# crash-storm.sh -- crashes at random moments of a busy system
# shellcheck shell=sh
# deadline: 3600 seconds

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# CRASHES says how many; SEED, what is chosen.

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

seed=${SEED:-$(date +%s)}
echo "SEED=$seed"
mkdir town
export DIRECTORY="$directory/town"
export WORKER="${abs_top_builddir:?}/tests/system/worker"
start_daemon < "$abs_top_srcdir/tests/system/crash-town.scm"
check "services, clients and logs come through all crashes" \
  "${GUILE:-guile}" --no-auto-compile -s \
  "$abs_top_srcdir/tests/system/crash-storm.scm" \
  "$socket" "$daemon" "$log" "$directory/town" "${CRASHES:-30}" "$seed"
check "the daemon has ended with status 0" wait_for_daemon
finish
