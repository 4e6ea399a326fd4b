# gnu-shepherd.sh -- a GNU Shepherd 1.0 with the prefix $GNU_SHEPHERD
# shellcheck shell=sh disable=SC2034

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Same configuration, same protocol.
# shellcheck disable=SC1091
. "$sources/peers/shepherd.sh"
programs="${GNU_SHEPHERD:-/none}/bin/shepherd"
shepherd=$programs
herd=${GNU_SHEPHERD:-}/bin/herd
unset GUILE_LOAD_PATH GUILE_LOAD_COMPILED_PATH
