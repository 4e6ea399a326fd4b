# thread-sanitizer-test.sh -- units in C under ThreadSanitizer
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# deadline: 600 seconds

exec sh "${abs_top_srcdir:?}/tests/sanitize" \
  "${abs_top_builddir:?}/build-sanitize/thread" thread
