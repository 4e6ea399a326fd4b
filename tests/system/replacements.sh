# replacements.sh -- services that are defined anew while they are in use
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

# definitions VERSION: a file that defines all services; each logs its version.
definitions ()
{
  cat <<END
(define (await file)
  (unless (file-exists? file)
    (sleep 0.02)
    (await file)))
(define (run name . rest)
  (apply service (list name)
    #:documentation "$1"
    #:start (make-forkexec-constructor '("sleep" "1000"))
    #:stop (make-kill-destructor)
    rest))
(register-services
 (list (run 'plain)
       (run 'hasty #:respawn? #t #:respawn-delay 0.5)
       (service '(starting)
         #:documentation "$1"
         #:start (let ((start (make-forkexec-constructor '("sleep" "1000"))))
                   (lambda _
                     (await "$directory/start")
                     (start)))
         #:stop (make-kill-destructor))
       (service '(stopping)
         #:documentation "$1"
         #:start (make-forkexec-constructor '("sleep" "1000"))
         #:stop (let ((stop (make-kill-destructor)))
                  (lambda (running)
                    (await "$directory/stop")
                    (stop running))))
       (service '(arguments)
         #:documentation "$1"
         #:start (lambda arguments (cons "$1" arguments)))))
END
}

version_of ()
{
  herd doc "$1"
}

definitions one > one.scm
definitions two > two.scm
definitions three > three.scm
start_daemon < one.scm

# While it runs.
herd start plain >/dev/null
plain=$(pid_of plain)
herd start arguments a >/dev/null
herd start hasty >/dev/null
herd start starting >/dev/null &
starter=$!
eventually status_matches starting 'It is starting'
herd start stopping >/dev/null
stopping=$(pid_of stopping)
herd stop stopping >/dev/null &
stopper=$!
eventually status_matches stopping 'It is being stopped'

check "services in use can be defined anew" \
  exits 0 quietly herd load root "$directory/two.scm"
check "a running service keeps its process" equal "$plain" "$(pid_of plain)"
check "its status says that a replacement is pending" \
  eventually status_matches plain 'Replacement pending'
check "it is still the old one" equal one "$(version_of plain)"
check "a later definition supersedes the earlier" \
  exits 0 quietly herd load root "$directory/three.scm"

# Weak spot: the old service was dropped, its process ran on unsupervised.
check "a service that is starting stays" status_matches starting 'It is starting'
echo > start
wait $starter
check "it ends up running" is_running starting
starting=$(pid_of starting)
check "its process is known" kill -0 "$starting"
check "a service that is stopping stays, too" \
  status_matches stopping 'It is being stopped'
echo > stop
wait $stopper
check "its process was ended" gone "$stopping"
check "what replaces it took its place" equal three "$(version_of stopping)"
check "restart brings in what replaces a service" \
  exits 0 quietly herd restart starting
check "which is the latest definition" equal three "$(version_of starting)"
check "the old process is gone" gone "$starting"
check "a new one runs" is_running starting

# Weak spot: a replacement did not get the arguments of restart.
herd restart arguments b c >/dev/null
check "what replaces a service gets the arguments of restart" \
  matches 'Running value is \("three" "b" "c"\)\.' "$(herd status arguments)"

herd disable plain >/dev/null
check "a disabled service is not restarted" exits 1 quietly herd restart plain
check "but runs on" equal "$plain" "$(pid_of plain)"
check "what replaces a disabled service is disabled" herd stop plain
check "it is the new one" equal three "$(version_of plain)"
check "which is disabled" status_matches plain 'It is disabled'

# A replacement comes into force when the process ends, too.
kill -KILL "$(pid_of hasty)"
check "a service whose process ends is replaced" \
  eventually equal three "$(eventually is_stopped hasty; version_of hasty)"
check "and respawned" eventually is_running hasty
herd load root "$directory/one.scm" >/dev/null
kill -KILL "$(pid_of hasty)"
eventually is_stopped hasty
herd load root "$directory/two.scm" >/dev/null
check "a service defined anew during the respawn delay is respawned" \
  eventually is_running hasty
check "as the new one" equal two "$(version_of hasty)"

# Weak spot: only the first name that clashes was looked at.
cat > names.scm <<'END'
(register-services
 (list (service '(first second) #:start (const #t) #:stop (const #f))
       (service '(third) #:start (const #t) #:stop (const #f))))
END
cat > clash.scm <<'END'
(register-services (list (service '(new second third) #:start (const #t))))
END
herd load root "$directory/names.scm" >/dev/null
herd load root "$directory/clash.scm" >/dev/null
check "a new service takes all the names that it provides" equal "new new" \
  "$(herd status second | sed -n 's/^  Provides: \([a-z]*\).*/\1/p') \
$(herd status third | sed -n 's/^  Provides: \([a-z]*\).*/\1/p')"
check "those it replaces are gone" \
  equal "herd: error: service 'first' could not be found" \
  "$(herd status first 2>&1)"
check "no name is listed twice" equal 1 "$(herd status | grep -c ' new$')"

# Weak spot: unregistering reversed the order of services.
names_of ()
{
  herd eval root '(let ((names (quote ())))
    (for-each-service (lambda (service)
      (set! names (cons (service-canonical-name service) names))))
    (reverse names))' | tail -n 1
}
herd unload root all > /dev/null
check "unload all leaves root" equal "(root)" "$(names_of)"
herd load root "$directory/one.scm" >/dev/null
check "services are listed as they were registered" equal \
  "(root plain hasty starting stopping arguments)" "$(names_of)"
herd unload root hasty >/dev/null
check "also after one was unregistered" equal \
  "(root plain starting stopping arguments)" "$(names_of)"

herd start plain >/dev/null
plain=$(pid_of plain)
before=$(herd status)
check "a file that cannot be read is not reloaded" \
  exits 1 quietly herd reload root "$directory/nowhere.scm"
check "which the message names" matches 'nowhere\.scm' "$(cat out)"
check "and nothing is stopped for it" equal "$before" "$(herd status)"
check "reload stops services, and defines them anew" \
  exits 0 quietly herd reload root "$directory/two.scm"
check "the process is gone" gone "$plain"
check "the service is the new one" equal two "$(version_of plain)"
herd start plain >/dev/null
plain=$(pid_of plain)
check "unload stops a service" equal "Removing service 'plain'...
Done." "$(herd unload root plain)"
check "its process is gone" gone "$plain"
check "and nobody knows it" exits 1 quietly herd status plain
check "the daemon ends" stop_daemon
finish
