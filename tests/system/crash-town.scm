;;; crash-town.scm -- a configuration of 200 services of every kind
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; For storm.scm.  Services whose names begin with act-, slow-, stub- and
;;; flap- are for clients to act on; nobody touches the others, which are as
;;; they are for ever.

(add-to-load-path (string-append (getenv "abs_top_srcdir") "/tests/modules"))
(use-modules (tests town))

(populate `(line- 30 ,lines)
          `(idle- 35 ,idle)
          `(fork- 15 ,(double-forking "0"))
          `(once- 15 ,once)
          `(transient- 10 ,transient)
          `(disabled- 10 ,idle disabled)
          `(off- 10 ,idle down)
          `(inetd- 5 ,inetd)
          `(lazy- 5 ,(systemd #t))
          `(eager- 5 ,(systemd #f))
          `(timer- 5 ,timer)
          `(act- 25 ,lines)
          `(slow- 10 ,(double-forking "200"))
          `(stub- 10 ,stubborn)
          `(flap- 10 ,flapping))
