# repl-errors.sh -- one clear error for each way in which the REPL cannot start
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"
# shellcheck source=tests/system/repl-lib.sh
. "${abs_top_srcdir:?}/tests/system/repl-lib.sh"

echo "precious" > file
long=$(printf '%0120d' 0)

start_daemon <<END
(use-modules (shepherd service repl))
(register-services (list (repl-service "$repl")))
END

for file in '""' "'symbol" 7
do
  check "$file is no file name" exits 1 quietly herd eval root \
    "((@ (shepherd service repl) repl-service) $file)"
  check "which is said" grep -q \
    "In call to 'repl-service', value .* of argument 'socket-file'" out
done

# place FILE: have the REPL there, not started yet.
place ()
{
  herd stop repl > /dev/null
  herd eval root "(register-services
    (list ((@ (shepherd service repl) repl-service) \"$directory/$1\")))" \
    > /dev/null
}

herd start repl > /dev/null
herd stop repl > /dev/null
before=$(descriptors)

# refuses FILE REASON: a REPL at FILE does not start, and says so.
refuses ()
{
  place "$1"
  check "it does not start at $1" exits 1 quietly herd start repl
  check "the error names file, service and reason" matches \
    "cannot listen on .*$1 for service repl: $2\$" "$(cat out)"
  check "the log says the same" logged "cannot listen on .*$1 for service repl: $2"
  check "it is stopped" is_stopped repl
  check "no descriptor is left" equal "$before" "$(descriptors)"
}
refuses "file" "there is a file that is not a socket: File exists"
refuses "file/repl" "bind: Not a directory"
refuses "$long" "bind: File name too long"

# A socket that is in use, and one that was left.
mkfifo hold
"$peer" take "$directory/taken" < hold > taken.out &
exec 8> hold
eventually grep -q ready taken.out
# A directory that cannot be made, by anybody; the root is its own parent.
place ../../../../../../../../../proc/none/repl
check "it does not start where no directory can be made" \
  exits 1 quietly herd start repl
check "and says so" matches \
  'making directory .*/proc/none: No such file or directory$' "$(cat out)"
refuses "taken" "another server listens there: Address already in use"
check "the other server goes on" "$peer" hold "$directory/taken" 1 < /dev/null > out
exec 8>&-
eventually fails "$peer" hold "$directory/taken" 1 < /dev/null > /dev/null 2>&1
place taken
check "a socket file that was left is taken over" quietly herd start repl
repl=$directory/taken
check "it works" matches '= 3$' "$(echo '(+ 1 2)' | session)"

# Permissions.
umask 0
place new/directory/repl
check "a directory that is missing is made" quietly herd start repl
repl=$directory/new/directory/repl
check "for the daemon's user alone" equal 700 "$(stat -c %a new/directory)"
check "and so is the socket" equal 600 "$(stat -c %a "$repl")"
chmod 755 new/directory
herd restart repl > /dev/null
check "a directory that is there stays as it is" \
  equal 755 "$(stat -c %a new/directory)"

if test "$(id -u)" -eq 0
then
  # Somebody opens the door.
  as_nobody ()
  {
    setpriv --reuid=65534 --clear-groups "$@"
  }
  chmod 755 . new
  check "others cannot connect" \
    fails quietly as_nobody "$peer" hold "$repl" 1 < /dev/null
  chmod 666 "$repl"
  check "if they can, they are not served" equal "" \
    "$(echo '(+ 1 2)' | as_nobody "$peer" converse "$repl")"
  check "and that is logged" \
    eventually logged 'Refused REPL connection of user 65534\.$'
  check "the user is served" matches '= 3$' "$(echo '(+ 1 2)' | session)"
  mkdir locked
  chmod 700 locked
else
  mkdir locked
  chmod 500 locked
  refuses "locked/repl" "bind: Permission denied"
  place new/directory/repl
  herd start repl > /dev/null
fi

# Without a directory to listen in, there is nobody to connect, but the daemon
# goes on.
rm -rf new
check "its directory may vanish" quietly place socket/repl
repl=$socket_directory/repl
check "it starts elsewhere" quietly herd start repl

# So much code that Guile would give up.
{
  seq 2500 | sed 's/.*/(+ & &)/'
  echo "((@ (system base compile) compile) '(+ 1 1) #:to 'value)"
  echo "(+ 77 700)"
} | session > values
check "expressions beyond number are evaluated" grep -q '= 5000$' values
check "interpreted in the end" \
  equal 1 "$(grep -c 'expressions are interpreted from now on' values)"
check "what has to be compiled is refused" \
  grep -q 'too many pieces of compiled code were loaded' values
check "the session goes on" grep -q '= 777$' values
check "and the daemon never crashed" fails in_log 'Going on after a crash'
check "an upgrade" quietly herd reexec root
echo "((@ (system base compile) compile) '(+ 70 1) #:to 'value)" | session > values
check "makes room" grep -q '= 71$' values
check "the daemon ends" stop_daemon
finish
