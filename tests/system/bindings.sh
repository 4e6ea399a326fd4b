# bindings.sh -- in the daemon, modules export what they should
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

# As a configuration file finds them; parameters have their defaults.
start_daemon <<END
(add-to-load-path "$abs_top_srcdir/tests/modules")
(use-modules (tests bindings))
(define (table name)
  (read-bindings (string-append "$abs_top_srcdir/tests/" name)))
(define bindings (table "bindings.tsv"))
(define extra-bindings (table "bindings-extra.tsv"))
(call-with-output-file "$directory/problems"
  (lambda (port)
    (for-each (lambda (problem)
                (write problem port)
                (newline port))
              (append (binding-problems bindings extra-bindings)
                      (binding-problems extra-bindings '())))
    (display "done\n" port)))
END
check "no binding is missing or other than it should be" \
  equal "done" "$(cat problems)"
check "what the configuration file sees without asking is (shepherd service)" \
  equal '(#t #f)' "$(herd eval root "(let ((defined (lambda (name)
    (->bool (module-variable (current-module) name)))))
    (list (defined 'make-forkexec-constructor) (defined 'mkdir-p)))" \
    | tail -n 1)"
check "there is a command line, as in any program of Guile" \
  equal '("shepherd")' "$(herd eval root '(command-line)' | tail -n 1)"
check "the daemon ends" stop_daemon
finish
