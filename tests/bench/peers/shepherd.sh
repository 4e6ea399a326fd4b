# shepherd.sh -- ours, as found in PATH
# shellcheck shell=sh disable=SC2034

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

programs="shepherd herd"
shepherd=shepherd herd=herd

# request FILE ACTION SERVICE
request ()
{
  echo "(shepherd-command (version 0) (action $2) (service $3)" \
    "(arguments ()) (directory \"/\"))" > "$1"
}

configure ()
{
  mkdir -m 700 run
  log=$PWD/lines inetd=yes loop=yes
  method="(make-forkexec-constructor '(\"$WORK\"))"
  destructor="(make-kill-destructor)"
  case $1 in
    log) method="(make-forkexec-constructor '(\"$WORK\" \"talk\"
                   \"$BENCH_LINES\") #:log-file \"$log\")" ;;
    inetd) method="(make-inetd-constructor '(\"$WORK\" \"greet\")
             (list (endpoint
               (make-socket-address AF_INET INADDR_LOOPBACK $port))))"
           destructor="(make-inetd-destructor)" ;;
    loop) method="(lambda () (let loop () (loop)))" ;;
  esac
  cat > init.scm <<END
(define names
  (map (lambda (n) (string->symbol (string-append "s" (number->string n))))
       (iota $2 1)))
(register-services (list (service '(base))))
(register-services
 (map (lambda (name)
        (service (list name) #:requirement '(base)
                 #:respawn? #t #:respawn-delay 0
                 #:start $method #:stop $destructor))
      names))
(register-services (list (service '(all) #:requirement (cons 'base names))))
END
  test "$1" = down || test "$1" = log || test "$1" = loop \
    || echo "(start-in-the-background '(all))" >> init.scm
  begin=all end=base
  test "$2" -ne 1 || begin=s1 end=s1
  request up start $begin; request down stop $end; request query status root
  herd="$herd -s $PWD/run/socket"
  start="$herd start $begin" stop="$herd stop $end" status="$herd status"
  raw_start=@run/socket@up raw_stop=@run/socket@down
  raw_status=@run/socket@query
  ask=$status ready="$herd status all"
  daemon="$shepherd -S -s $PWD/run/socket -c $PWD/init.scm -l $PWD/log"
}
