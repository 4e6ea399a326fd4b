# simulation-test.sh -- what may happen in a daemon's life, some of it
# shellcheck shell=sh
# deadline: 300 seconds

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# `make simulate' does the same for longer.

PATH=${abs_top_srcdir:?}/tests:$PATH

fail ()
{
  echo "FAIL: $*"
  exit 1
}

echo "== A life is the same whenever it is led"
simulate --first 1 --seeds 25 --twice || fail "a life, or its replay"

echo "== Nothing goes wrong in lives that were led before, nor in others"
simulate --first 1000 --seeds 1500 || fail "a life"
simulate --seconds 5 || fail "a life, drawn from the clock"
