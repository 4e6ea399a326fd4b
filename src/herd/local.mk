# Build rules of herd and its kin: plain C, no Guile.
#
# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

noinst_LIBRARIES += libherd.a
libherd_a_SOURCES = \
  src/herd/calendar.c \
  src/herd/calendar.h \
  src/herd/command.c \
  src/herd/command.h \
  src/herd/connection.c \
  src/herd/connection.h \
  src/herd/display.c \
  src/herd/display.h \
  src/herd/exception.c \
  src/herd/exception.h \
  src/herd/exit-status.c \
  src/herd/exit-status.h \
  src/herd/graph.c \
  src/herd/graph.h \
  src/herd/log.c \
  src/herd/log.h \
  src/herd/moment.c \
  src/herd/moment.h \
  src/herd/overview.c \
  src/herd/overview.h \
  src/herd/power.c \
  src/herd/power.h \
  src/herd/reply.c \
  src/herd/reply.h \
  src/herd/running.c \
  src/herd/running.h \
  src/herd/service.c \
  src/herd/service.h \
  src/herd/status.c \
  src/herd/status.h \
  src/herd/timer.c \
  src/herd/timer.h

# Each shell looks there.
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = src/herd/completion/herd
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = src/herd/completion/_herd
fishcompletiondir = $(datadir)/fish/vendor_completions.d
dist_fishcompletion_DATA = src/herd/completion/herd.fish
install-completion: install-dist_bashcompletionDATA \
  install-dist_zshcompletionDATA install-dist_fishcompletionDATA
.PHONY: install-completion

bin_PROGRAMS += herd
herd_SOURCES = src/herd/herd.c
herd_LDADD = libherd.a libcommon.a

sbin_PROGRAMS += halt reboot shutdown
halt_SOURCES = src/herd/halt.c
halt_LDADD = libherd.a libcommon.a
reboot_SOURCES = src/herd/reboot.c
reboot_LDADD = libherd.a libcommon.a
shutdown_SOURCES = src/herd/shutdown.c
shutdown_LDADD = libherd.a libcommon.a

# People type either.
install-exec-hook:
	cd "$(DESTDIR)$(sbindir)" && $(LN_S) -f halt poweroff
uninstall-hook:
	rm -f "$(DESTDIR)$(sbindir)/poweroff"
