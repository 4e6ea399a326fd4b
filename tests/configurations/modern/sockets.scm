;; sockets.scm -- services started by connections
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: echo finger web
;; Stands for: endpoints in the file system and of the network, alone and several;
;; both styles.

(define directory (getenv "HOME"))

(register-services
 (list
  (service '(echo)
    #:start (make-inetd-constructor
             '("cat")
             (list (endpoint (make-socket-address
                              AF_UNIX (string-append directory "/echo"))))
             #:max-connections 10)
    #:stop (make-inetd-destructor))
  (service '(finger)
    #:requirement '(echo)
    #:start (make-inetd-constructor
             '("cat")
             (list (endpoint (make-socket-address AF_INET INADDR_LOOPBACK 0)
                             #:name "finger"))
             #:service-name-stem "finger-server")
    #:stop (make-inetd-destructor))
  (service '(web)
    #:start (make-systemd-constructor
             '("sleep" "1000017")
             (list (endpoint (make-socket-address
                              AF_UNIX (string-append directory "/web/socket"))
                             #:name "web" #:socket-directory-permissions #o700)
                   (endpoint (make-socket-address
                              AF_UNIX (string-append directory "/web-admin"))
                             #:name "admin")))
    #:stop (make-systemd-destructor))))

(for-each (compose start-service lookup-service)
          '(echo finger web))
