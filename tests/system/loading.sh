# loading.sh -- what is loaded late, and what takes long to load
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

cat > slow.scm <<'END'
(define-module (slow))
(define end (+ (get-internal-real-time)
               (* 3/2 internal-time-units-per-second)))
(let loop ()
  (when (< (get-internal-real-time) end)
    (loop)))
END
cat > endless.scm <<'END'
(define-module (endless))
(let loop () (loop))
END
start_daemon <<END
(add-to-load-path "$directory")
(default-execution-limit 1/2)
(define (loader name module)
  (service (list name)
    #:start (lambda _ (resolve-interface module) #t)
    #:stop (const #f)))
(register-services
 (list (loader 'slow '(slow))
       (loader 'endless '(endless))))
END
macros_loaded ()
{
  grep -q "/shepherd/macros/$1\.go\$" "/proc/$daemon/maps"
}
check "a configuration that uses no macro of ours has none loaded" \
  exits 1 macros_loaded '.*'
check "one that is used later works" equal '"hello"' \
  "$(herd eval root '(begin (use-modules (shepherd support))
                            (l10n "hello"))' | tail -n 1)"
check "it is loaded then, with those of its module" \
  macros_loaded support-syntax
check "those of other modules are not" exits 1 macros_loaded records
check "a module may take longer to load than other code may run" \
  herd start slow
check "one that does not end is interrupted all the same" \
  exits 1 quietly herd start endless
check "later than other code" matches \
  'service endless: it did not give up control for ([6-9]|[1-9][0-9])\.' \
  "$(cat out)"
check "the daemon ends" stop_daemon
finish
