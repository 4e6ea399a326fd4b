# Build rules of liblogger.a, the logger room: plain C, no Guile, no libgc.
#
# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

noinst_LIBRARIES += liblogger.a
liblogger_a_SOURCES = \
  include/logger.h \
  src/logger/job.c \
  src/logger/job.h \
  src/logger/logger.c \
  src/logger/outlet.c \
  src/logger/outlet.h \
  src/logger/ring.c \
  src/logger/ring.h \
  src/logger/room.h \
  src/logger/sink.c \
  src/logger/sink.h \
  src/logger/source.c \
  src/logger/source.h \
  src/logger/writer.c \
  src/logger/writer.h \
  src/successor/log-save.c \
  src/successor/log-take.c
