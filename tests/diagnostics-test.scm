;;; diagnostics-test.scm -- exceptions as text, and what was meant

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (tests diagnostics)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:use-module (srfi srfi-64)
  #:use-module (shepherd diagnostics)
  #:use-module (shepherd diagnostics names))

(test-begin "diagnostics")

(test-equal "Guile's own messages"
  '("Unbound variable: foo"
    "In procedure open-fdes: No such file or directory"
    "Throw to key `oops' with args `(1)'.")
  (list (exception->string 'unbound-variable
                           '(#f "Unbound variable: ~S" (foo) #f))
        (exception->string 'system-error
                           '("open-fdes" "~A" ("No such file or directory")
                             (2)))
        (exception->string 'oops '(1))))

(test-equal "arguments that do not fit the key"
  "Throw to key `misc-error' with args `(1 2)'."
  (exception->string 'misc-error '(1 2)))

(define-record-type <broken>
  (broken)
  broken?)

(set-record-type-printer! <broken>
                          (lambda (object port)
                            (error "printer fails")))

(test-assert "an object whose printer fails"
  (string-prefix? "Throw to key `oops'"
                  (exception->string 'oops (list (broken)))))

(test-equal "distances of names"
  '(0 1 1 1 1 3 #f #f)
  (map (lambda (a b limit)
         (name-distance a b limit))
       '("abc" "abc" "abc" "abcd" "abc" "kitten" "kitten" "a")
       '("abc" "abcd" "ab" "abdc" "abx" "sitting" "sitting" "abcdef")
       '(3 3 3 3 3 3 2 3)))

(test-equal "the nearest name"
  '(make-forkexec-constructor #:requirement "dbus" #f #f)
  (list (nearest-name 'make-forkexec-constuctor
                      '(make-inetd-constructor make-forkexec-constructor))
        (nearest-name #:requirment '(#:respawn? #:requirement))
        (nearest-name "dbsu" '("udev" "dbus"))
        (nearest-name 'foo '(bar baz))
        ;; Too short to guess.
        (nearest-name 'x '(y))))

(test-equal "the earlier of equals, and never the name itself"
  '(aabb #f)
  (list (nearest-name 'aabbc '(aabb abbc))
        (nearest-name 'same '(same))))

(test-equal "the table of names: each module that is there exports them"
  '()
  (let ((wrong '()))
    (for-each
     (match-lambda
       ((module . names)
        (let ((interface (false-if-exception (resolve-interface module))))
          (for-each (lambda (name)
                      (unless (or (not interface)
                                  (module-variable interface name))
                        (set! wrong (cons (list module name) wrong))))
                    names))))
     %known-names)
    wrong))

(test-equal "no name in the table is bound without importing anything"
  '()
  (let ((core (resolve-interface '(guile)))
        (wrong '()))
    (for-each
     (match-lambda
       ((module . names)
        (for-each (lambda (name)
                    (when (module-variable core name)
                      (set! wrong (cons name wrong))))
                  names)))
     %known-names)
    wrong))

(test-end "diagnostics")
