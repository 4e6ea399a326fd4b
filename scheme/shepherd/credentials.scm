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
  #:use-module ((shepherd support syntax) #:select (l10n))
  #:export (existing-user-entry
            user-entry
            user->uid
            group->gid
            resolve-credentials
            resolve-limits))

(define (no-such message name)
  (scm-error 'misc-error #f message (list name) #f))

(define (existing-user-entry user)
  "Return the password entry of @var{user}, a name or number.  Throw
@code{misc-error} if there is none."
  (catch #t
    (lambda ()
      (getpw user))
    (lambda _
      (no-such (l10n "no such user: ~s") user))))

(define (user-entry user)
  "Return the password entry of @var{user}, a name or number; @code{#f} for a
number without one.  Throw @code{misc-error} for a name that does not exist."
  (if (integer? user)
      (false-if-exception (getpw user))
      (existing-user-entry user)))

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
          (no-such (l10n "no such group: ~s") group)))))

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
         (no-such (l10n "no such resource limit: ~s") resource))))

(define (resolve-limits limits)
  "Return @var{limits}, a list of argument lists for @code{setrlimit}, with
numbers for names."
  (map (match-lambda
         ((resource soft hard)
          (list (resource-number resource) soft hard))
         (other
          (scm-error 'misc-error #f
                     (l10n "~s: invalid resource limit; expected \
(NAME SOFT HARD)")
                     (list other) #f)))
       limits))
