# corpus-test.sh -- no known input, nor anything like it, breaks a parser
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

status=0
for target in command reply state log image options
do
  "${abs_top_builddir:?}/tests/fuzz/$target-fuzz" -m 100 -s "$$" \
    "${abs_top_srcdir:?}/tests/fuzz/corpus/$target" && continue
  status=1
  echo "FAIL: $target; seed $$; the input, in base64:"
  base64 fuzz-input
done
exit $status
