# src/guile/local.mk -- the program shepherd: start-up, and the bridge to
# Guile

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

sbin_PROGRAMS += shepherd
shepherd_SOURCES = \
  include/bridge.h \
  include/config-template.h \
  include/control-socket.h \
  include/core-only.h \
  include/crash-report.h \
  include/crash.h \
  include/daemonize.h \
  include/early-boot.h \
  include/log-file.h \
  include/pid-file.h \
  include/rehearsal.h \
  include/root-state.h \
  include/start-options.h \
  src/config-template.c \
  src/control-socket.c \
  src/core-only-services.c \
  src/core-only-services.h \
  src/core-only.c \
  src/crash-report.c \
  src/crash-stack.c \
  src/crash.c \
  src/daemonize.c \
  src/early-boot.c \
  src/guile/alarm.c \
  src/guile/bridge.c \
  src/guile/daemon.c \
  src/guile/events.c \
  src/guile/log.c \
  src/guile/preempt.c \
  src/guile/preempt.h \
  src/guile/primitive.c \
  src/guile/primitive.h \
  src/guile/process.c \
  src/guile/publish.c \
  src/guile/readiness.c \
  src/guile/readiness.h \
  src/guile/signals.c \
  src/guile/signals.h \
  src/guile/spawn-request.c \
  src/guile/write.c \
  src/log-file.c \
  src/main.c \
  src/pid-file.c \
  src/rehearsal.c \
  src/root-state.c \
  src/start-options.c
shepherd_CFLAGS = $(AM_CFLAGS) $(GUILE_CFLAGS) $(BDW_GC_CFLAGS)
shepherd_LDADD = libcore.a liblogger.a libcommon.a \
  $(GUILE_LIBS) $(BDW_GC_LIBS)
