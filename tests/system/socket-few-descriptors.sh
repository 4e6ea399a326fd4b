# socket-few-descriptors.sh -- more connections than there are descriptors
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

peer=${abs_top_builddir:?}/tests/system/peer

# The daemon alone has few: it takes all that the hard limit allows.
program=$(command -v shepherd)
mkdir bin
cat > bin/shepherd <<END
#!/bin/sh
ulimit -n 64
exec "$program" "\$@"
END
chmod +x bin/shepherd
PATH=$directory/bin:$PATH

start_daemon <<END
(register-services
 (list (service '(cat)
         #:start (make-inetd-constructor
                  '("cat")
                  (list (endpoint
                         (make-socket-address AF_UNIX "$directory/cat.sock")
                         #:backlog 500))
                  #:max-connections 1000)
         #:stop (make-inetd-destructor))
       (service '(other) #:start (const #t))))
(start-in-the-background '(cat))
END

eventually is_running cat
before=$(descriptors)

mkfifo gate
"$peer" hold "$directory/cat.sock" 120 < gate > held &
exec 8> gate
check "120 clients can connect" eventually grep -q ready held
check "the log says that some have to wait" eventually logged \
  "Cannot accept connections on $directory/cat.sock for now: Too many open files"
check "once" equal 1 "$(grep -c 'Cannot accept' "$log")"
check "meanwhile, herd is answered" quietly herd start other
exec 8>&-
check "all are served in the end" eventually logged 'Service cat-120 started'
check "none was dropped" fails in_log 'failed to start'
check "so are 100 at once" \
  equal 100 "$("$peer" many "$directory/cat.sock" 100)"
no_connections ()
{
  test -z "$(herd status | grep 'cat-')"
}
check "all end" eventually no_connections
check "and leave no descriptor" eventually no_more_descriptors "$before"
check "the daemon ends" stop_daemon
finish
