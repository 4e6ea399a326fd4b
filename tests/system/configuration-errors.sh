# configuration-errors.sh -- errors in a configuration: reported, and the rest runs
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

cat > broken.scm <<'END'
(define x 1
END
start_daemon <<END
(use-modules (srfi srfi-1))
(register-services
 (list (service '(before) #:start (const #t))))
(register-services
 (list (service '(misspelt)
         #:start (make-forkexec-constuctor '("sleep" "1000")))))
(register-services
 (list (service '(keyword)
         #:start (const #t)
         #:respwan? #t)))
(register-services
 (list (service "wrong type" #:start (const #t))))
(register-services
 (list (service '(a) #:requirement '(b) #:start (const #t))
       (service '(b) #:requirement '(c) #:start (const #t))
       (service '(c) #:requirement '(a) #:start (const #t))
       (service '(lonely) #:requirement '(nowhere) #:start (const #t))
       (service '(indirect) #:requirement '(lonely) #:start (const #t))))
(load "$directory/broken.scm")
(register-services
 (list (service '(after) #:start (const #t))))
(start-in-the-background '(before after))
(start-in-the-background (list (lookup-service 'after)))
END
both_run ()
{
  is_running before && is_running after
}
check "what precedes and follows the errors runs" eventually both_run

check "a misspelt binding is reported with its line" \
  logged 'config\.scm:6:.*make-forkexec-constuctor'
check "and the nearest existing one" \
  logged 'make-forkexec-constructor'
check "a bad keyword is reported with its name" logged '#?:?respwan\?'
check "and with its place" logged 'config\.scm:(7|8|9|10):.*'
check "and the nearest existing one" logged '#:respawn\?'
check "a wrong type is reported with the value" logged '"?wrong type"?'
check "and with its place" logged 'config\.scm:1[123]:'
check "so is a service where its name is wanted" \
  logged 'config\.scm:23:1: error: .*start-in-the-background'
check "a syntax error in another file is reported with its place" \
  logged 'broken\.scm:[12]:'

# Weak spot: requirements that nobody provides were accepted in silence.
check "a requirement that nobody provides is reported at once" \
  logged 'service [a-z-]+ requires nowhere, which no service provides\.$'
check "with the line of the service in a form of many" \
  logged 'config\.scm:17: service lonely requires nowhere'
check "so is a cycle" logged 'config\.scm:14: .*requires itself: .*a -> '

# Weak spot: a cycle was started without end.
check "starting a service in a cycle fails" exits 1 quietly herd start a
check "and shows the cycle" matches 'a.*b.*c.*a' "$(tr '\n' ' ' < out)"
check "the daemon goes on" answers
# Weak spot: a missing requirement further down left the client waiting.
check "starting a service with an unknown requirement fails" \
  exits 1 quietly herd start lonely
check "and names it" equal "herd: error: service 'nowhere' could not be found" \
  "$(tail -n 1 out)"
check "starting one that needs that one fails" \
  exits 1 quietly herd start indirect
check "and names what is missing" matches nowhere "$(cat out)"

# To look for each of thousands would take minutes.
cat > many.scm <<END
(register-services
 (map (lambda (n)
        (service (list (string->symbol (format #f "many-~a" n)))
          #:requirement '(befoer)))
      (iota 3000)))
END
check "many services with an error are loaded" exits 0 \
  quietly herd load root "$directory/many.scm"
check "each is reported" equal 3000 "$(grep -c 'requires befoer' out)"
check "what was meant is told for some" equal 20 \
  "$(grep -c "Did you mean 'before'" out)"
check "the daemon ends" stop_daemon
finish
