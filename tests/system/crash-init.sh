# crash-init.sh -- PID 1 crashes
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"
# shellcheck source=tests/system/crash-lib.sh
. "${abs_top_srcdir:?}/tests/system/crash-lib.sh"

need_namespaces
crash_configuration > input
start_init < input
process=$init
note_services

# The kernel drops signals to a PID 1 that has no handler.
check_crash "SIGSEGV from inside" inside sh -c 'kill -SEGV 1'
check_crash "SIGABRT from outside" kill -ABRT "$init"
check_crash "SIGBUS in thread core" fault signal "$init" core 7
check_crash "SIGFPE in thread logger" fault signal "$init" logger 8
check_crash "a wild pointer" herd eval root "$wild_write"

# An orphan of others comes to PID 1, after the crash as before.
inside sh -c 'sh -c "sleep 0.1 & exit"'
check "it reaps what others leave" eventually no_zombies
herd power-off root
wait_for_daemon
check "and it ends in order" logged 'Shutting down\.\.\.$'
finish
