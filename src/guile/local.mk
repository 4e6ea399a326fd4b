# src/guile/local.mk -- the program shepherd, and the library with the
# interpreter, which it loads

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Users run it, too, and many do not have sbin in their PATH.
bin_PROGRAMS += shepherd
shepherd_SOURCES = \
  include/bridge.h \
  include/config-template.h \
  include/control-socket.h \
  include/core-only.h \
  include/crash-report.h \
  include/crash.h \
  include/daemonize.h \
  include/early-boot.h \
  include/interpreter.h \
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
  src/interpreter.c \
  src/log-file.c \
  src/main.c \
  src/pid-file.c \
  src/rehearsal.c \
  src/root-state.c \
  src/start-options.c
# All of libcommon.a, and seen from outside: the interpreter uses it.
shepherd_LDFLAGS = $(AM_LDFLAGS) -Wl,--export-dynamic
shepherd_LDADD = $(WHOLE_ARCHIVE) libcore.a liblogger.a libcommon.a	\
  $(NO_WHOLE_ARCHIVE)

# Automake has no name for what dlopen loads but by way of libtool.
interpreterdir = $(pkglibdir)
interpreter_PROGRAMS = interpreter.so
interpreter_so_SOURCES = \
  src/guile/alarm.c \
  src/guile/bridge.c \
  src/guile/daemon.c \
  src/guile/events.c \
  src/guile/lasting.c \
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
  src/guile/write.c
interpreter_so_CFLAGS = $(AM_CFLAGS) $(GUILE_CFLAGS) $(BDW_GC_CFLAGS) -fPIC
interpreter_so_LDFLAGS = $(AM_LDFLAGS) -shared
interpreter_so_LDADD = $(GUILE_LIBS) $(BDW_GC_LIBS)
