# offenders.sh -- for tests of the sources themselves
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Sourced.  A test ends with `test ! -s "$TMPDIR/failures"'.

# none SENTENCE: each line on standard input is an offender.  At the end of
# pipelines, so in subshells: failures are counted in a file.
none ()
{
  offenders=$(cat)
  if test -z "$offenders"
  then
    echo "ok: $1"
  else
    printf 'FAIL: %s:\n%s\n' "$1" "$offenders" | tee -a "$TMPDIR/failures"
  fi
}
