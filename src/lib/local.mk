# Build rules of libcommon.a, shared by all programs.
#
# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

noinst_LIBRARIES += libcommon.a
libcommon_a_SOURCES = \
  include/clock.h \
  include/command.h \
  include/cutter.h \
  include/default-socket.h \
  include/disks.h \
  include/ending.h \
  include/gate.h \
  include/i18n.h \
  include/inherit.h \
  include/journal.h \
  include/later.h \
  include/listen.h \
  include/log-image.h \
  include/mailbox.h \
  include/message.h \
  include/names.h \
  include/options.h \
  include/plea.h \
  include/poller.h \
  include/quiescence.h \
  include/report.h \
  include/sexp.h \
  include/spawn.h \
  include/stamp.h \
  include/state.h \
  include/table.h \
  include/text.h \
  include/thread.h \
  include/utf8.h \
  include/watch.h \
  include/whereabouts.h \
  src/lib/clock.c \
  src/lib/command.c \
  src/lib/cutter.c \
  src/lib/default-socket.c \
  src/lib/disks.c \
  src/lib/ending.c \
  src/lib/gate.c \
  src/lib/i18n.c \
  src/lib/inherit.c \
  src/lib/inherit-flight.c \
  src/lib/inherit-private.h \
  src/lib/journal.c \
  src/lib/later.c \
  src/lib/listen.c \
  src/lib/log-image.c \
  src/lib/mailbox.c \
  src/lib/message.c \
  src/lib/names.c \
  src/lib/options.c \
  src/lib/plan.c \
  src/lib/plea.c \
  src/lib/poller.c \
  src/lib/quiescence.c \
  src/lib/report.c \
  src/lib/sexp-atom.c \
  src/lib/sexp-atom.h \
  src/lib/sexp-encode.c \
  src/lib/sexp-parse.c \
  src/lib/sexp-scan.c \
  src/lib/sexp-write.c \
  src/lib/sexp.c \
  src/lib/stamp.c \
  src/lib/state-file.c \
  src/lib/state-file.h \
  src/lib/state-private.h \
  src/lib/state-process.c \
  src/lib/state-pack.c \
  src/lib/state-text.c \
  src/lib/state.c \
  src/lib/table.c \
  src/lib/text.c \
  src/lib/thread.c \
  src/lib/utf8.c \
  src/lib/watch-words.c \
  src/lib/watch.c \
  src/lib/whereabouts.c
