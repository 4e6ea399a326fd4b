# bench-test.sh -- `make bench' measures every row, and leaves nothing behind
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"
need_namespaces

BENCH_RUNS=1 BENCH_COUNTS="0 3" BENCH_LINES=1000 BENCH_CYCLES=3
BENCH_SECONDS=0.1 BENCH_IDLE=1
export BENCH_RUNS BENCH_COUNTS BENCH_LINES BENCH_CYCLES BENCH_SECONDS BENCH_IDLE

bench ()
{
  sh "$abs_top_srcdir/tests/bench/bench" \
    "${abs_top_builddir:?}/tests/bench/probe" \
    "$abs_top_builddir/tests/bench/work" json
}
holds ()
{
  jq -e "$1" json >/dev/null
}
leaves_nothing ()
{
  test -z "$(find "$TMPDIR" /sys/fs/cgroup -name 'shepherd-bench.*' \
               2>/dev/null)"
}

export BENCH_PEERS="shepherd limit"
measures ()
{
  bench > table
}
check "it measures ours and the limit" measures
check "there are all rows" holds '.rows | length == 23'
check "each has a number of ours" holds \
  '[.rows[].results.shepherd.median] | all(type == "number")'
check "where another has none, it says why" holds \
  '[.rows[].results.limit.missing | values] | length > 0 and all(. != "")'
check "a ratio is told where both have numbers" holds \
  '[.rows[] | select(.name | startswith("start 3")).ratio_to_limit] | .[0] > 0'
check "the table has a line for each row" equal 23 \
  "$(grep -c '~' table)"
check "nothing is left" leaves_nothing

fits ()
{
  BENCH_ROWS="1 2 4" BENCH_PEERS=shepherd bench > table
}
check "it measures some numbers of services" fits
check "and shows how the time grows with them" equal 2 \
  "$(grep -c 'as N to the power -*[0-9]\.[0-9][0-9]$' table)"

BENCH_PEERS=nobody
check "a peer that is not known is an error" exits 1 quietly bench
check "it is named" matches 'nobody: there is no such peer' "$(cat out)"

# All that measures, or is measured, knows where to write the time.
some_left ()
{
  grep -q -a -s "^MARKS=$TMPDIR/\|.MARKS=$TMPDIR/" /proc/[0-9]*/environ
}
idles ()
{
  test -e "$TMPDIR"/shepherd-bench.*/results.shepherd && some_left
}
BENCH_PEERS=shepherd BENCH_IDLE=1000 BENCH_ROWS=idle
export BENCH_ROWS
sh "$abs_top_srcdir/tests/bench/bench" "$abs_top_builddir/tests/bench/probe" \
  "$abs_top_builddir/tests/bench/work" > out 2>&1 &
bench=$!
eventually idles || die "it does not begin"
kill -TERM "$bench"
check "it can be interrupted" eventually gone "$bench"
check "nothing runs on" eventually fails some_left
check "nothing is left then" leaves_nothing
finish
