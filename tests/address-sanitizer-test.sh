# address-sanitizer-test.sh -- units in C under AddressSanitizer and UBSan
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# deadline: 600 seconds

exec sh "${abs_top_srcdir:?}/tests/sanitize" \
  "${abs_top_builddir:?}/build-sanitize/address" address,undefined
