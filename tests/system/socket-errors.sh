# socket-errors.sh -- one clear error for each way in which listening fails
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

peer=${abs_top_builddir:?}/tests/system/peer
port=$("$peer" free-port)
long=$(printf '%0120d' 0)

echo "precious" > file

start_daemon <<END
(define (file name . keywords)
  (apply endpoint
         (make-socket-address AF_UNIX (string-append "$directory/" name))
         keywords))
(define first (file "first.sock"))
;; Each has an endpoint before it that can be opened.
(define (inetd name . endpoints)
  (service (list name)
    #:start (make-inetd-constructor '("cat") (cons first endpoints))
    #:stop (make-inetd-destructor)))
(register-services
 (list (inetd 'healthy)
       (inetd 'taken
              (endpoint (make-socket-address AF_INET INADDR_LOOPBACK $port)
                        #:bind-attempts 1))
       (inetd 'patient
              (endpoint (make-socket-address AF_INET INADDR_LOOPBACK $port)
                        #:bind-attempts 60))
       (inetd 'elsewhere
              ;; TEST-NET-1: no machine has it.
              (endpoint (make-socket-address AF_INET #xc0000201 $port)))
       (inetd 'nobodys (file "nobodys.sock" #:socket-owner "no-such-user"))
       (inetd 'groupless (file "groupless.sock"
                               #:socket-group "no-such-group"))
       (inetd 'blocked (file "file/x.sock"))
       (inetd 'in-the-way (file "file"))
       (inetd 'long (file "$long"))
       (inetd 'twice (endpoint
                      (make-socket-address AF_INET INADDR_LOOPBACK 0)
                      #:bind-attempts 1)
              (file "twice.sock") (file "twice.sock" #:bind-attempts 1))
       (service '(systemd)
         #:start (make-systemd-constructor
                  '("cat") (list first (file "file")))
         #:stop (make-systemd-destructor))))
END

mkfifo hold
"$peer" take 127.0.0.1:"$port" < hold > taken &
exec 8> hold
eventually grep -q ready taken

herd start healthy > /dev/null
herd stop healthy > /dev/null
before=$(descriptors)

# refuses NAME ADDRESS REASON: starting NAME fails, and says so.
refuses ()
{
  check "$1 does not start" exits 1 quietly herd start "$1"
  check "the error names address, service and reason" matches \
    "cannot listen on $2 for service $1: $3\$" "$(cat out)"
  check "it is said once" equal 1 "$(grep -c 'cannot listen on' out)"
  check "the log says the same" \
    logged "cannot listen on $2 for service $1: $3"
  check "it is stopped" is_stopped "$1"
  check "no descriptor is left" eventually no_more_descriptors "$before"
  check "nor a socket file" equal "" "$(find . -name '*.sock')"
}

refuses taken 127.0.0.1:"$port" "bind: Address already in use"
refuses elsewhere 192.0.2.1:"$port" "bind: Cannot assign requested address"
refuses nobodys "$directory/nobodys.sock" 'no such user: "no-such-user"'
refuses groupless "$directory/groupless.sock" \
  'no such group: "no-such-group"'
refuses blocked "$directory/file/x.sock" "bind: Not a directory"
refuses in-the-way "$directory/file" \
  "there is a file that is not a socket: File exists"
check "the file is untouched" equal precious "$(cat file)"
refuses long "$directory/$long" "bind: File name too long"
refuses systemd "$directory/file" \
  "there is a file that is not a socket: File exists"

# Not for root, who may write anywhere.
if test "$(id -u)" -ne 0
then
  mkdir -m 500 locked
  herd eval root "(register-services (list (service '(locked) #:start
    (make-inetd-constructor '(\"cat\") (list (endpoint (make-socket-address
    AF_UNIX \"$directory/locked/x.sock\")))))))" > /dev/null
  refuses locked "$directory/locked/x.sock" "bind: Permission denied"
fi
# /proc is unwritable for everybody.
herd eval root "(register-services (list (service '(proc) #:start
  (make-inetd-constructor '(\"cat\") (list (endpoint (make-socket-address
  AF_UNIX \"/proc/x/y.sock\")))))))" > /dev/null
refuses proc /proc/x/y.sock \
  "making directory /proc/x: No such file or directory"

# Patience.
(exec 8>&-; quietly herd start patient) &
waiting=$!
check "a port in use is tried again" eventually logged \
  "Address 127.0.0.1:$port is in use; retrying to bind it in one second\\.\$"
check "meanwhile, others start" quietly herd start healthy
check "and work" equal one "$(echo one | "$peer" talk "$directory/first.sock")"
herd stop healthy > /dev/null
exec 8>&-
check "once it is free, the service starts" wait "$waiting"
check "and works" equal two "$(echo two | "$peer" talk 127.0.0.1:"$port")"
herd stop patient > /dev/null
check "no descriptor is left" eventually no_more_descriptors "$before"

# Types.  Each is refused where it is written.
# wrong PROCEDURE ARGUMENT EXPRESSION
wrong ()
{
  check "$1 refuses what is no $2" exits 1 quietly herd eval root "$3"
  check "and says so" grep -q \
    "In call to '$1', value .* of argument '$2' has the wrong type" out
}
unix='(make-socket-address AF_UNIX "/x")'
wrong endpoint address '(endpoint "/x")'
wrong endpoint address '(endpoint (make-socket-address AF_UNIX ""))'
wrong endpoint name "(endpoint $unix #:name 'x)"
wrong endpoint style "(endpoint $unix #:style 'stream)"
wrong endpoint backlog "(endpoint $unix #:backlog 0)"
wrong endpoint socket-owner "(endpoint $unix #:socket-owner 'root)"
wrong endpoint socket-group "(endpoint $unix #:socket-group #f)"
wrong endpoint socket-directory-permissions \
  "(endpoint $unix #:socket-directory-permissions \"755\")"
wrong endpoint bind-attempts "(endpoint $unix #:bind-attempts 0)"
for style in inetd systemd
do
  wrong make-$style-constructor command \
    "(make-$style-constructor \"cat\" (list (endpoint $unix)))"
  wrong make-$style-constructor command \
    "(make-$style-constructor '() (list (endpoint $unix)))"
  wrong make-$style-constructor endpoints \
    "(make-$style-constructor '(\"cat\") (endpoint $unix))"
  wrong make-$style-constructor endpoints \
    "(make-$style-constructor '(\"cat\") '())"
  wrong make-$style-constructor environment-variables \
    "(make-$style-constructor '(\"cat\") (list (endpoint $unix))
      #:environment-variables '(a))"
done
wrong make-inetd-constructor max-connections \
  "(make-inetd-constructor '(\"cat\") (list (endpoint $unix))
    #:max-connections 0)"
wrong make-inetd-constructor requirements \
  "(make-inetd-constructor '(\"cat\") (list (endpoint $unix))
    #:requirements '(\"a\"))"
wrong make-inetd-constructor service-name-stem \
  "(make-inetd-constructor '(\"cat\") (list (endpoint $unix))
    #:service-name-stem 'a)"
check "an inetd-style service for datagrams is refused" exits 1 \
  quietly herd eval root "(make-inetd-constructor '(\"cat\")
    (list (endpoint $unix #:style SOCK_DGRAM)))"
check "with the address" grep -q "endpoint /x: expected style SOCK_STREAM" out
check "a name that LISTEN_FDNAMES cannot hold is refused" exits 1 \
  quietly herd eval root "(make-systemd-constructor '(\"cat\")
    (list (endpoint $unix #:name \"a:b\")))"
check "and shown" grep -q 'endpoint name "a:b": colons' out

check "the daemon is well" quietly herd start healthy
check "the daemon ends" stop_daemon
finish
