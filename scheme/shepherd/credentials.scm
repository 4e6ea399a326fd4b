;;; (shepherd credentials) -- whom a process runs as.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Names become numbers here, on the interpreter's side, where the name
;;; service may take its time; the core only sees numbers.

(define-module (shepherd credentials)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-11)
  #:use-module (shepherd core)
  #:export (user-entry
            user->uid
            group->gid
            resolve-credentials
            resolve-limits))

(define (no-such kind name)
  (scm-error 'misc-error #f "no such ~a: ~s" (list kind name) #f))

(define (user-entry user)
  "Return the password entry of @var{user}, a name or number; @code{#f} for a
number without one.  Throw @code{misc-error} for a name that does not exist."
  (catch #t
    (lambda ()
      (getpw user))
    (lambda _
      (if (integer? user)
          #f
          (no-such "user" user)))))

(define (user->uid user)
  "Return the number of @var{user}, a name or number.  Throw @code{misc-error} for
a name that does not exist."
  (if (integer? user)
      user
      (passwd:uid (user-entry user))))

(define (group->gid group)
  "Return the number of @var{group}, a name or number.  Throw @code{misc-error}
for a name that does not exist."
  (if (integer? group)
      group
      (catch #t
        (lambda ()
          (group:gid (getgr group)))
        (lambda _
          (no-such "group" group)))))

(define (resolve-credentials user group supplementary-groups)
  "Return three values: the user id, the group id and the list of supplementary
group ids to run with; each @code{#f} to leave what is.  A @var{user} without
@var{group} brings that user's groups.  Throw @code{misc-error} for a name that
does not exist."
  (let* ((entry (and user (user-entry user)))
         (uid (and user (if entry (passwd:uid entry) user)))
         (gid (cond (group (group->gid group))
                    (entry (passwd:gid entry))
                    (else #f)))
         (groups (cond ((or group (pair? supplementary-groups))
                        (map group->gid supplementary-groups))
                       (entry
                        (%user-groups (passwd:name entry)
                                      (passwd:gid entry)))
                       (else #f))))
    ;; Who is not root may still ask for what it is anyway.
    (if (and (not (zero? (getuid)))
             (or (not uid) (= uid (getuid)))
             (or (not gid) (= gid (getgid)))
             (null? supplementary-groups))
        (values #f #f #f)
        (values uid gid groups))))

(define (resource-number resource)
  (cond ((integer? resource)
         resource)
        ((and (symbol? resource) (%resource-number resource)))
        (else
         (scm-error 'misc-error #f "no such resource limit: ~s"
                    (list resource) #f))))

(define (resolve-limits limits)
  "Return @var{limits}, a list of argument lists for @code{setrlimit}, with
numbers for names."
  (map (match-lambda
         ((resource soft hard)
          (list (resource-number resource) soft hard))
         (other
          (scm-error 'misc-error #f
                     "~s: invalid resource limit; expected (NAME SOFT HARD)"
                     (list other) #f)))
       limits))
