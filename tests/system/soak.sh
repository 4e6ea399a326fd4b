# soak.sh -- much work leaves the daemon as it was
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# `make soak' sets SOAK_SECONDS; without, it is a few rounds of work.  SEED says
# what is done.

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

if test -n "$SOAK_SECONDS"
then
  choices=10000000
  calm=$((SOAK_SECONDS * 2 / 3))s
  crashing=$((SOAK_SECONDS / 3))s
else
  choices=100000
  calm=6
  crashing=3
fi

seed=${SEED:-$(date +%s)}
echo "SEED=$seed"
mkdir town
export DIRECTORY="$directory/town"
export WORKER="${abs_top_builddir:?}/tests/system/worker"
start_daemon < "$abs_top_srcdir/tests/soak/town.scm"
check "neither work nor crashes leave anything behind" \
  "${GUILE:-guile}" --no-auto-compile -s "$abs_top_srcdir/tests/soak/soak.scm" \
  "$socket" "$daemon" "$DIRECTORY" "$seed" "$choices" "$calm" "$crashing"
check "the daemon ends" stop_daemon
finish
