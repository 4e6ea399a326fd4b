# doc/local.mk -- the manual, manual pages and examples

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

info_TEXINFOS = doc/shepherd.texi

doc_shepherd_TEXINFOS =				\
  doc/bench.texi				\
  doc/bindings-table.texi			\
  doc/bindings.texi				\
  doc/comm.texi					\
  doc/concepts.texi				\
  doc/configuration.texi			\
  doc/design.texi				\
  doc/differences.texi				\
  doc/fibers.texi				\
  doc/herd.texi					\
  doc/introduction.texi				\
  doc/log-rotation.texi				\
  doc/logger.texi				\
  doc/monitoring.texi				\
  doc/old-configurations.texi			\
  doc/processes.texi				\
  doc/programs.texi				\
  doc/protocol.texi				\
  doc/recipes.texi				\
  doc/repl.texi					\
  doc/running.texi				\
  doc/service.texi				\
  doc/sockets.texi				\
  doc/support.texi				\
  doc/system-log.texi				\
  doc/system.texi				\
  doc/timers.texi				\
  doc/transient.texi				\
  doc/translating.texi				\
  doc/trouble.texi				\
  doc/tutorial.texi

AM_MAKEINFOHTMLFLAGS = --no-split

# In the build tree; what is distributed is not made again.
EXTRA_DIST += build-aux/bindings-table
DISTCLEANFILES += doc/bindings-table.texi
doc/bindings-table.texi: build-aux/bindings-table tests/bindings.tsv	\
  tests/bindings-extra.tsv tests/modules/tests/bindings.scm		\
  $(filter-out doc/bindings-table.texi,$(doc_shepherd_TEXINFOS))
	$(AM_V_GEN)$(MKDIR_P) doc;					\
	GUILE_AUTO_COMPILE=0 $(GUILE) -s				\
	  $(srcdir)/build-aux/bindings-table $(srcdir) > $@.tmp		\
	  && mv $@.tmp $@

dist_man_MANS +=				\
  doc/shepherd.8				\
  doc/herd.1					\
  doc/halt.8					\
  doc/poweroff.8				\
  doc/reboot.8					\
  doc/shutdown.8				\
  doc/shepherd.scm.5

examplesdir = $(docdir)/examples
dist_examples_DATA =				\
  doc/examples/try.scm				\
  doc/examples/tutorial.scm			\
  doc/examples/user-init.scm			\
  doc/examples/container.scm			\
  doc/examples/system.scm
