# fuzz-test.sh -- libFuzzer breaks no parser in the time that it has
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# deadline: 600 seconds

exec sh "${abs_top_srcdir:?}/tests/fuzz/fuzz" \
  "${abs_top_builddir:?}/build-fuzz" "${FUZZ_SECONDS:-10}"
