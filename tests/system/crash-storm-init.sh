# crash-storm-init.sh -- crashes at random moments of a busy PID 1
# shellcheck shell=sh
# deadline: 3600 seconds

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

AS_INIT=yes
CRASHES=${CRASHES:-15}
# shellcheck source=tests/system/crash-storm.sh
. "${abs_top_srcdir:?}/tests/system/crash-storm.sh"
