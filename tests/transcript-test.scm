;;; transcript-test.scm -- comparing what commands print with the manual.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(add-to-load-path (string-append (or (getenv "abs_top_srcdir") ".")
                                 "/tests/modules"))

(use-modules (srfi srfi-64)
             (tests manual transcript))

(define (matches? expected actual)
  (->bool (match-output expected actual '())))

(test-begin "transcript")

(test-assert "a long line may be broken"
  (matches? "a b\n  c" "a b c\n"))
(test-assert "another word does not match"
  (not (matches? "a b c" "a x c")))
(test-assert "what is missing, or too much, does not match"
  (not (or (matches? "a b" "a b c")
           (matches? "a b c" "a b"))))
(test-assert "dots stand for any words, and for none"
  (and (matches? "a ... d" "a b c d")
       (matches? "a ... d" "a d")
       (matches? "/x/...y" "/x/zzy")
       (not (matches? "a ... d" "a b c"))))
(test-assert "times match by their form"
  (and (matches? "2026-11-23 10:31:07 (2 seconds ago)."
                 "2026-01-01 00:00:00 (1 second ago).")
       (matches? "Mon Nov 23 10:31:07 UTC 2026" "Tue Dec  1 00:00:00 UTC 2027")
       (not (matches? "10:31:07" "10.31"))))
(test-assert "whether a time is of today does not matter"
  (and (matches? "Wed Nov 25 04:30:00 2026 (in 38 hours)"
                 "04:30:00 (in 3 hours)")
       (matches? "since 23:59:59." "since Wed Nov 25 23:59:58 2026.")
       (not (matches? "since 23:59:59." "since Wed Nov 25."))))
(test-assert "other numbers match themselves"
  (not (matches? "code 3" "code 4")))
(test-equal "the number of a process stands for that of another"
  "kill -9 12; wait 12"
  (rename-processes "kill -9 4711; wait 4711"
                    (match-output "Main PID: 4711" "Main PID: 12" '())))
(test-assert "and always for the same"
  (and (matches? "x[4711] 4711" "x[1] 1")
       (not (matches? "x[4711] y[4711]" "x[1] y[2]"))
       (not (matches? "x[4711] 4711" "x[1] 4711"))))
(test-equal "commands go on after their prompt"
  '((#\$ "a\nb" "c\n") (#\# "d" ""))
  (transcript-commands "$ a\n> b\nc\n# d\n"))

(test-end "transcript")
