# primitives.sh -- what the primitives do with wrong arguments
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

start_daemon <<'CONFIG'
#t
CONFIG

# value EXPRESSION: its value; every procedure of (shepherd core) is there.
value ()
{
  herd eval root "(begin (use-modules (shepherd core)) $1)" 2>&1 | tail -n 1
}

# raises KEY EXPRESSION
raises ()
{
  equal "$1" "$(value "(catch #t (lambda () $2) (lambda (key . _) key))")"
}


# A request with one field replaced: index, value.
request="(let ((v (vector \"\" \"/\" #t #f #f #f #f '() #f #f '() #f #f)))
           (lambda (i x) (vector-set! v i x) v))"
raises_in_request ()
{
  raises "$1" "(%spawn 1000000 '(\"true\") '() ($request $2 $3))"
}

before=$(descriptors)
check "a command is a list of strings" \
  raises wrong-type-arg "(%spawn 1000000 '(a) '() ($request 0 \"\"))"
check "a command is not empty" \
  raises wrong-type-arg "(%spawn 1000000 '() '() ($request 0 \"\"))"
check "an identifier is positive" \
  raises out-of-range "(%spawn 0 '(\"true\") '() ($request 0 \"\"))"
check "a request has all fields" \
  raises wrong-type-arg "(%spawn 1000000 '(\"true\") '() (vector))"
check "an argument holds no NUL" \
  raises misc-error \
  "(%spawn 1000000 (list (string #\\nul)) '() ($request 0 \"\"))"
for field in 0 1 3 4 5 6 7 8 9 10 12
do
  check "field $field has a type" raises_in_request wrong-type-arg $field "'x"
done
check "a limit has three parts" \
  raises_in_request wrong-type-arg 7 "'((1 2))"
check "a descriptor to pass on is open" \
  raises_in_request system-error 10 "'(0 12345)"
check "a user ID is not negative" raises_in_request out-of-range 3 -1
check "a log file is closed when its spawn is refused" \
  raises_in_request wrong-type-arg 12 \
  "(vector 1 (%open-log-file \"$directory/own.log\") 'x \"\" #t 20)"
check "a log needs a ring" raises_in_request wrong-type-arg 12 \
  "(vector #f #f \"\" \"\" #t 20)"
check "no descriptor is left of all that" eventually no_more_descriptors "$before"

check "a closed descriptor is not watched" \
  raises system-error "(%watch-fd 12345 #f)"
check "forgetting one never raises" \
  raises ok "(begin (%forget-fd 12345) (%forget-fd -1) (throw 'ok))"
check "a log file in a file is refused" \
  raises system-error "(%open-log-file \"$log/log\")"
check "a log file may hold any name" \
  raises ok "(begin (%open-log-file \"$directory/été.log\") (throw 'ok))"
check "that name is UTF-8 on disk" test -e "$directory/été.log"
check "only known ends are ends" raises wrong-type-arg "(%shutdown 'now)"
check "a published name is a symbol" \
  raises wrong-type-arg "(%publish 0 0 '(\"a\") '(service) '() #f)"
check "data that contain themselves are not published" \
  raises misc-error \
  "(let ((x (list 1))) (set-car! x x) (%publish 0 0 '(a) x '() #f))"
check "no process, no group" raises system-error "(%getpgid 99999999)"
check "options are told" equal "\"$socket\"" \
  "$(value "(assq-ref (%options) 'socket-file)")"
check "text beyond ASCII is written as it is" equal '"(\"été\" #{a b}#)"' \
  "$(value "(%datum->text (list \"été\" (string->symbol \"a b\")))")"
check "it stops" exits 0 stop_daemon

finish
