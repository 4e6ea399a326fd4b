# Build rules of libcore.a, the core's room, and the spawner's, which the core
# keeps.
#
# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

noinst_LIBRARIES += libcore.a
libcore_a_SOURCES = \
  include/core.h \
  include/spawner.h \
  src/core/client.c \
  src/core/client.h \
  src/core/control.c \
  src/core/control.h \
  src/core/core.c \
  src/core/heir.h \
  src/core/machine.c \
  src/core/machine.h \
  src/core/pidfd.c \
  src/core/process.c \
  src/core/process.h \
  src/core/room.c \
  src/core/room.h \
  src/core/shutdown.c \
  src/core/shutdown.h \
  src/core/socket.c \
  src/core/socket.h \
  src/core/status.c \
  src/core/status.h \
  src/core/tick.c \
  src/core/tick.h \
  src/spawner/child.c \
  src/spawner/child.h \
  src/spawner/spawner.c \
  src/successor/core-heir.c
