# no-interpreter.sh -- Guile, or our part of it, is missing or broken
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

need_namespaces

no_guile ()
{
  ! ldd "$(command -v shepherd)" | grep -q -E 'libguile|libgc'
}
check "the program itself does without Guile" no_guile

installed=$SHEPHERD_INTERPRETER
SHEPHERD_INTERPRETER=$directory/interpreter.so
export SHEPHERD_INTERPRETER

check "a user's daemon ends with status 1" exits 1 \
  shepherd -s "$socket" -l "$log" -c /dev/null 2> err
check "it says which file is missing" \
  matches "^shepherd: error: cannot load the interpreter: $directory/interpreter\\.so: " \
  "$(cat err)"
check "the log says so, too" logged 'Cannot load the interpreter: .*interpreter\.so'
check "its socket is gone" test ! -e "$socket"

echo "no library" > interpreter.so
check "a file that is no library is an error" exits 1 \
  shepherd -s "$socket" -l "$log" -c /dev/null 2> err
check "which says so" matches 'cannot load the interpreter: .*file too short' \
  "$(cat err)"
echo 'int x;' > other.c
${CC:-cc} -shared -fPIC -o interpreter.so other.c
check "another library is an error" exits 1 \
  shepherd -s "$socket" -l "$log" -c /dev/null 2> err
check "which names what it lacks" matches 'undefined symbol: bridge_door' \
  "$(cat err)"

ln -sf "$installed" interpreter.so
start_daemon < /dev/null
rm interpreter.so
check "an upgrade without it is refused" fails herd reexec root
herd reexec root > out 2>&1
check "with the reason" matches 'cannot load the interpreter' "$(cat out)"
check "and nothing happens" equal 7 "$(herd eval root '(+ 3 4)' | tail -n 1)"
herd stop root
wait_for_daemon

start_init_without ()
{
  rm -f "$log"
  launch_init <<'END'
(register-services
  (list (service '(sleeper)
          #:start (make-forkexec-constructor '("sleep" "1000"))
          #:stop (make-kill-destructor))))
(start-in-the-background '(sleeper))
END
  eventually core_only || die "the init did not start"
}
core_only ()
{
  herd status 2>/dev/null | grep -q 'core-only mode, without the interpreter'
}
start_init_without
check "an init goes on without it" core_only
check "commands that need it are refused" fails herd eval root 1
ln -sf "$installed" interpreter.so
check "it tries again when asked to" herd reexec root
with_interpreter ()
{
  test "$(herd eval root '(+ 3 4)' 2>/dev/null | tail -n 1)" = 7
}
check "and goes on with it" eventually with_interpreter
check "as on a first start" eventually is_running sleeper
rm interpreter.so
herd power-off root > out 2>&1
check "and ends in order" exits 130 wait_for_daemon
start_init_without
halt -s "$socket" > out 2>&1
check "an init without interpreter can be halted" exits 130 wait_for_daemon
finish
