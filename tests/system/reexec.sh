# reexec.sh -- herd reexec root: a new image of the program, the same services
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

# A copy, to be replaced.
mkdir bin
PATH=$directory/bin:$PATH
cp "${abs_top_builddir:?}/shepherd" bin/shepherd

write_config ()
{
  cat <<END
;; For services: shepherd itself needs more to find its modules here.
(default-environment-variables
  (list (string-append "PATH=" (getenv "PATH"))))
(define* (runner name command #:key (respawn? #f) (requirement '()))
  (service (list name)
    #:requirement requirement
    #:start (make-forkexec-constructor command
                                       #:log-file (string-append "$directory/"
                                                                 (symbol->string name)
                                                                 ".log"))
    #:stop (make-kill-destructor)
    #:respawn? respawn?))
(register-services
 (list (runner 'sleeper '("sleep" "1000000") #:respawn? #t)
       (runner 'idle '("sleep" "1000000"))
       $1))
;; Another one, before it runs for the first time.
(unregister-services (list (lookup-service 'sleeper)))
(register-services
 (list (runner 'sleeper '("sleep" "1000000") #:respawn? #t)))
(start-in-the-background '(sleeper counter))
END
}
write_config "(runner 'counter '(\"sh\" \"-c\" \"i=0; while sleep 0.02; do i=\$((i+1)); echo line \$i; done\"))" \
  > first.scm
write_config "(runner 'extra '(\"sleep\" \"1000000\") #:requirement '(idle))" \
  > second.scm

start_daemon < first.scm
cat > more.scm <<'END'
(register-services
 (list (service '(one) #:start (const '(1 "two" three)) #:stop (const #f))
       (service '(off) #:start (const #t))))
(disable-service (lookup-service 'off))
END
check "a further file is loaded" quietly herd load root "$directory/more.scm"
check "one of its services is started" quietly herd start one
check "and one is disabled" status_matches off 'disabled'
eventually is_running counter
eventually is_running sleeper
before=$(pid_of sleeper)/$(pid_of counter)

# What clients see does not change, but for times that pass.
overview ()
{
  herd status
  for name in sleeper idle counter one off
  do
    herd status -n 0 "$name" | sed 's/ ([^)]* ago)//'
  done
}
overview > before
# Weak spot: for a new version, all services, or the machine, were restarted.
check "the program is executed anew" quietly herd reexec root
check "which the new image says" \
  matches 'Now running The Shepherd .* services taken over' "$(cat out)"
overview > after
check "and nothing else has changed" diff before after
check "processes are the same" \
  equal "$before" "$(pid_of sleeper)/$(pid_of counter)"
check "it is the same process" kill -0 "$daemon"
check "called shepherd" equal shepherd "$(cat "/proc/$daemon/comm")"

for i in 1 2 3 4 5
do
  herd reexec root > out 2>&1 || { cat out; check "again, $i" false; }
done
check "processes are still the same" \
  equal "$before" "$(pid_of sleeper)/$(pid_of counter)"
lines ()
{
  test "$(wc -l < counter.log)" -gt "$1"
}
eventually lines $(($(wc -l < counter.log) + 20))
check "no line of output was lost or doubled" \
  sh -c "sed 's/.* line //' counter.log | awk '\$1 != NR { exit 1 }'"

kill "$(pid_of sleeper)"
other_process ()
{
  pid=$(pid_of sleeper)
  test -n "$pid" && test "$pid" != "${before%/*}"
}
check "the new image respawns what ends" eventually other_process
check "and stops what was started before" quietly herd stop counter

# Differences are told, not applied.
cp second.scm config.scm
check "under a changed configuration, too" quietly herd reexec root
cat out
check "it tells what is new" \
  matches 'extra is new in the configuration' "$(cat out)"
check "it tells what is gone" matches 'counter, stopped, is not defined' \
  "$(cat out)"
check "what is new does not run" fails status_matches extra 'running'
check "until it is loaded" \
  quietly herd load root "$directory/config.scm"
check "then it can be started" quietly herd start extra
quietly herd restart sleeper
check "under a configuration that a command loaded again" \
  quietly herd reexec root
check "nothing is defined twice" fails status_matches sleeper 'Replacement'

# A program that cannot take over.
cat > bin/shepherd.new <<'END'
#!/bin/sh
echo "shepherd: wrong phase of the moon" >&2
exit 1
END
chmod +x bin/shepherd.new
mv bin/shepherd bin/shepherd.old
mv bin/shepherd.new bin/shepherd
check "a program that cannot take over is refused" fails quietly herd reexec root
check "and it is told why" matches 'wrong phase of the moon' "$(cat out)"
check "and who refuses" matches 'cannot take over' "$(cat out)"
check "the old image goes on" is_running sleeper
rm bin/shepherd
check "so is one that is not there" fails quietly herd reexec root
check "naming it" matches "$directory/bin/shepherd" "$(cat out)"
mv bin/shepherd.old bin/shepherd
check "a good one is not" quietly herd reexec root

# A state of another format, as a version to come may have.
check "a state that it does not know is refused" \
  fails sh -c 'head -c 4096 /dev/zero > zero; shepherd --rehearse 3<zero 4<zero 5<zero 2> out'
check "with a reason" matches 'format that this version does not know' \
  "$(cat out)"

check "it still ends in order" quietly herd stop root
eventually gone "$daemon"
wait "$daemon"
daemon=
check "having stopped its services" logged 'Service sleeper stopped'
finish
