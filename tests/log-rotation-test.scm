;;; log-rotation-test.scm -- archives of log files
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(use-modules (ice-9 ftw)
             (ice-9 match)
             (ice-9 textual-ports)
             (srfi srfi-1)
             (srfi srfi-64)
             (shepherd service)
             (shepherd service log-rotation))

(define directory (getenv "TMPDIR"))

(define (file name)
  (string-append directory "/" name))

(define (write-file name text)
  (call-with-output-file (file name)
    (lambda (port)
      (put-string port text))))

(define (contents name)
  (call-with-input-file (file name) get-string-all))

(define (with-files names proc)
  "Call PROC with files of these names, each containing its name, and return the
list of (NAME CONTENT) that there are afterwards."
  (for-each (lambda (name)
              (write-file name name))
            names)
  (proc)
  (let ((now (scandir directory (lambda (name)
                                  (string-prefix? "log" name)))))
    (map (lambda (name)
           (let ((content (contents name)))
             (delete-file (file name))
             (list name content)))
         now)))

(define move-archive (@@ (shepherd service log-rotation) move-archive))
(define make-settings (@@ (shepherd service log-rotation) make-settings))
(define copy-and-truncate
  (@@ (shepherd service log-rotation) copy-and-truncate))

(test-begin "log-rotation")

(test-equal "archives move, the highest first"
  '(("log" "log") ("log.10.gz" "log.9.gz") ("log.11.xz" "log.10.xz")
    ("log.2" "log.1"))
  (with-files '("log" "log.1" "log.9.gz" "log.10.xz")
    (lambda ()
      (rotate-past-logs (file "log")))))

(test-equal "what is no archive stays"
  '("log" "log." "log.0" "log.01" "log.1.bak" "log.1x" "log.x1" "log1"
    "logs.1")
  (map first
       (with-files '("log" "log." "log.0" "log.01" "log.1.bak" "log.1x"
                     "log.x1" "log1" "logs.1")
         (lambda ()
           (rotate-past-logs (file "log"))))))

(test-equal "both forms of one number are kept"
  '(("log.2" "log.1") ("log.2.gz" "log.1.gz"))
  (with-files '("log.1" "log.1.gz")
    (lambda ()
      (rotate-past-logs (file "log")))))

(test-equal "one can do something else with them"
  '(("log.3.zst" . "log.4.zst") ("log.1" . "log.2"))
  (let ((calls '()))
    (with-files '("log.1" "log.3.zst")
      (lambda ()
        (rotate-past-logs (file "log")
                          (lambda (old new)
                            (set! calls (acons (basename old) (basename new)
                                               calls))))))
    (reverse calls)))

(test-equal "an error ends it: no archive takes the place of another"
  '(("log.1" "log.1") ("log.2" "log.2") ("log.4" "log.3"))
  (with-files '("log.1" "log.2" "log.3")
    (lambda ()
      (catch 'stop
        (lambda ()
          (rotate-past-logs (file "log")
                            (lambda (old new)
                              (if (string-suffix? ".2" old)
                                  (throw 'stop)
                                  (rename-file old new)))))
        (const #f)))))

(test-equal "old archives are deleted"
  '(("log.2" "log.1"))
  (with-files '("log.1" "log.2")
    (lambda ()
      (utime (file "log.2") 1000000000 1000000000)
      ((@ (shepherd host) install-host!)
       'host-log! (const #t))
      ((@ (shepherd host) install-host!)
       'host-time (lambda () (* (current-time) 1000000000)))
      (rotate-past-logs (file "log")
                        (move-archive (make-settings '() 'none 3600 0))))))

(test-equal "a file of others is copied and emptied, and stays the same file"
  '(#t #o604 #o604 (("log" "") ("log.1" "log")))
  (let* ((perms #f) (copied #f) (same? #f)
         (files (with-files '("log")
                  (lambda ()
                    (chmod (file "log") #o604)
                    (let ((inode (stat:ino (stat (file "log")))))
                      (copy-and-truncate (file "log") (file "log.1"))
                      (set! same? (= inode (stat:ino (stat (file "log")))))
                      (set! perms (stat:perms (stat (file "log"))))
                      (set! copied (stat:perms (stat (file "log.1")))))))))
    (list same? perms copied files)))

(test-equal "nobody can have it copied elsewhere"
  '(system-error (("log" "log") ("log.1" "log.2") ("log.2" "log.2")))
  (let* ((key #f)
         (files (with-files '("log" "log.2")
                  (lambda ()
                    (symlink (file "log.2") (file "log.1"))
                    (set! key
                          (catch #t
                            (lambda ()
                              (copy-and-truncate (file "log") (file "log.1")))
                            (lambda (key . _) key)))))))
    (list key files)))

(test-equal "a copy that fails leaves everything as it was"
  '(system-error (("log" "log")))
  (let* ((key #f)
         (files (with-files '("log")
                  (lambda ()
                    (set! key
                          (catch #t
                            (lambda ()
                              (copy-and-truncate (file "log")
                                                 (file "missing/log.1")))
                            (lambda (key . _) key)))))))
    (list key files)))

(test-equal "what a service is made with if nothing else is said"
  '(gzip 7776000 8192 (wrong-type-arg wrong-type-arg wrong-type-arg))
  (list (%default-log-compression) (%default-log-expiry)
        (%default-rotation-size-threshold)
        ;; Shown by what it refuses.
        (map (lambda (parameter)
               (catch #t
                 (lambda ()
                   (parameterize ((parameter "bad"))
                     (log-rotation-service)))
                 (lambda (key . _) key)))
             (list %default-log-compression %default-log-expiry
                   %default-rotation-size-threshold))))

(test-equal "errors of the configuration"
  '(wrong-type-arg wrong-type-arg wrong-type-arg wrong-type-arg wrong-type-arg)
  (map (lambda (arguments)
         (catch #t
           (lambda ()
             (apply log-rotation-service arguments))
           (lambda (key . _) key)))
       '(("0 22 * * sun")
         (#:compression lzip)
         (#:expiry #f)
         (#:rotation-size-threshold -1)
         (#:external-log-files "/var/log/x"))))

;; Weak spot: elsewhere, requirements are ignored.
(test-equal "requirements are those that were given"
  '((log-rotation) (file-system-/var))
  (let ((service (log-rotation-service #:requirement '(file-system-/var))))
    (list (service-provision service) (service-requirement service))))

(test-end)
