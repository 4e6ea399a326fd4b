# configuration-files.sh -- what a configuration may be, and do with files
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

echo "a rather long content" > existing
mkdir -m 1777 shared
mkdir parts
cat > parts/nested.scm <<'END'
(define nested 'nested)
(load "beside.scm")
END
echo "(register-services (list (service '(beside) #:start (const #t))))" \
  > parts/beside.scm
cat > part.scm <<'END'
(register-services (list (service '(part) #:start (const #t))))
END
cat > config.scm <<END
;; Weak spot: expressions without values aborted the load.
(values)
(sleep 0.01)
(values 1 2)
(define-values (one two) (values 1 2))
;; Weak spot: with a configuration given by a relative name, this failed.
(load "part.scm")
(load "parts/nested.scm")
;; Weak spot: existing files were not truncated.
(call-with-output-file "$directory/existing"
  (lambda (port) (display "short" port)))
;; Weak spot: directories that exist were given another mode.
((@ (shepherd support) mkdir-p) "$directory/shared" #o700)
((@ (shepherd support) mkdir-p) "$directory/made/below" #o700)
;; Weak spot: (exit) ended the daemon.
(exit 3)
(register-services (list (service '(last) #:start (const #t))))
(start-in-the-background '(last))
(display "no newline")
(display "to standard error\n" (current-error-port))
END
cat > seen.scm <<'END'
(define mine 'mine)
(load "seen-too.scm")
(display "to the client\n")
(display "to the log\n" (current-warning-port))
(list mine theirs (current-filename)
      (map (lambda (name)
             (->bool (module-variable (current-module) name)))
           '(service spawn-command match fold mkdir-p calendar-event)))
END
echo "(define theirs mine)" > seen-too.scm

# A relative name, as given.
launch_daemon -c config.scm -s "$socket" -l "$log"
eventually daemon_settled || die "the daemon did not start"
check "expressions without values do not end the load" \
  eventually is_running last
check "load is relative to the file that it is in" \
  equal "Service part has been started." "$(herd start part)"
check "also in a file that was loaded" \
  equal "Service beside has been started." "$(herd start beside)"
check "call-with-output-file truncates" equal short "$(cat existing)"
check "mkdir-p leaves an existing directory as it is" \
  equal 1777 "$(stat -c %a shared)"
check "and gives the mode to those that it makes" \
  equal 700 "$(stat -c %a made/below)"
check "(exit) is an error like others" eventually logged 'config\.scm:16:1: error: '
check "a line without newline is a line of its own" \
  eventually logged '^[-0-9]+ [:0-9]+ no newline$'
# What such a file sees, here by the action: without what it does not import.
check "names of its own, of what it loads, and of (shepherd service)" \
  equal "Loading seen.scm.
to the client
(mine mine \"seen.scm\" (#t #t #f #f #f #f))" \
  "$(herd load root seen.scm
    printf '(shepherd-command (version 0) (action load) (service root) (arguments ("seen.scm")) (directory "/"))' \
      | "${abs_top_builddir:?}/tests/system/client" raw "$socket" \
      | sed 's/.*(result (\(.*\))) (error.*/\1/' > value)
$(cat value)"
check "warnings go to the log alone" eventually logged \
  '^[-0-9]+ [:0-9]+ to the log$'
check "not to standard output or the client" fails printed '^to the log$'
check "standard error is the daemon's" printed '^to standard error$'
check "not the log" fails in_log 'to standard error'
check "the next file does not know what that one did" exits 1 quietly \
  herd eval root mine
check "standard error tells that there was an error" printed \
  '^shepherd: error: "config\.scm": exception thrown while loading configuration file$'
# Weak spot: an empty line came after it.
check "without an empty line" fails printed '^$'
check "the daemon ends" stop_daemon

# error_of TEXT: the configuration is reported as such; the daemon serves.
unusable ()
{
  rm -f "$log" "$output"
  launch_daemon -c "$1" -s "$socket" -l "$log"
  eventually printed 'exception thrown while loading configuration file'
  check "$2 is reported" eventually logged \
    "While loading configuration file '$1': \".*$3\"\$"
  check "and the daemon serves" \
    matches '^3$' "$(herd eval root '(+ 1 2)' | tail -n 1)"
  check "and ends" stop_daemon
}
unusable "$directory/none.scm" "a missing configuration" \
  'No such file or directory'
unusable "$directory/parts" "a directory" 'Is a directory'
echo "(values)" > secret.scm
chmod 0 secret.scm
if test -r secret.scm
then
  echo "root reads everything"
else
  unusable "$directory/secret.scm" "an unreadable file" 'Permission denied'
fi
mkfifo fifo
: > empty.scm
rm -f "$log"
launch_daemon -c empty.scm -s "$socket" -l "$log"
eventually daemon_settled
check "an empty configuration is one" logged "successfully loaded from 'empty"
check "it ends" stop_daemon

# A FIFO, as <(...) of some shells gives, has a writer sooner or later.
rm -f "$log"
launch_daemon -c fifo -s "$socket" -l "$log"
eventually answers
check "while nobody writes to a FIFO, the daemon serves" \
  matches '^3$' "$(timeout 10 herd -s "$socket" eval root '(+ 1 2)' 2>&1 \
    | tail -n 1)"
{
  echo "(register-services (list (service '(first) #:start (const #t))))"
  sleep 0.1
  echo "(register-services (list (service '(second) #:start (const #t))))"
} > fifo &
writer=$!
eventually logged "Configuration successfully loaded from 'fifo'"
check "all that comes out of a FIFO is evaluated" \
  equal "Service second has been started." "$(herd start second)"
wait $writer
check "it ends" stop_daemon

# The default configuration: of the system for root, else of the user.
rm -f "$log" "$output"
mkdir .config .config/shepherd
echo "(register-services (list (service '(default) #:start (const #t))))" \
  > .config/shepherd/init.scm
default=$("${GUILE:-guile}" -c \
  '(display ((@ (shepherd support) default-config-file)))')
if test "$(id -u)" -ne 0
then
  launch_daemon -s "$socket" -l "$log"
  eventually daemon_settled
  check "the default configuration is that of the user" \
    equal "Service default has been started." "$(herd start default)"
  check "it ends" stop_daemon
elif test ! -e "$default"
then
  unusable_default ()
  {
    launch_daemon -s "$socket" -l "$log"
    eventually daemon_settled
    eventually logged "While loading configuration file '$default'"
  }
  check "a missing configuration of root is reported" unusable_default
  check "that of a user is not loaded for it" \
    exits 1 quietly herd status default
  check "nor is one made" fails test -e "$default"
  check "it ends" stop_daemon
fi
finish
