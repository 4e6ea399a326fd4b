# scheme/local.mk -- the Scheme modules: compiled here, installed with their
# sources

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Every module, in the order of the alphabet; a test compares this list with
# the directory.
SCHEME_MODULES =				\
  scheme/shepherd.scm \
  scheme/shepherd/actions.scm \
  scheme/shepherd/admission.scm \
  scheme/shepherd/alarm.scm \
  scheme/shepherd/args.scm \
  scheme/shepherd/backtrace.scm \
  scheme/shepherd/bequests.scm \
  scheme/shepherd/boot.scm \
  scheme/shepherd/calendar.scm \
  scheme/shepherd/calendar/cron.scm \
  scheme/shepherd/colors.scm \
  scheme/shepherd/comm.scm \
  scheme/shepherd/commands.scm \
  scheme/shepherd/conditions.scm \
  scheme/shepherd/constructors.scm \
  scheme/shepherd/controller.scm \
  scheme/shepherd/core.scm \
  scheme/shepherd/credentials.scm \
  scheme/shepherd/definition.scm \
  scheme/shepherd/diagnostics.scm \
  scheme/shepherd/diagnostics/hints.scm \
  scheme/shepherd/diagnostics/names.scm \
  scheme/shepherd/direct-exec.scm \
  scheme/shepherd/endpoints.scm \
  scheme/shepherd/file-contents.scm \
  scheme/shepherd/host.scm \
  scheme/shepherd/lasting.scm \
  scheme/shepherd/legacy.scm \
  scheme/shepherd/lifecycle.scm \
  scheme/shepherd/log-source.scm \
  scheme/shepherd/logger.scm \
  scheme/shepherd/output.scm \
  scheme/shepherd/preemption.scm \
  scheme/shepherd/process-group.scm \
  scheme/shepherd/process.scm \
  scheme/shepherd/publication.scm \
  scheme/shepherd/queries.scm \
  scheme/shepherd/records.scm \
  scheme/shepherd/registration.scm \
  scheme/shepherd/registry.scm \
  scheme/shepherd/repl/client.scm \
  scheme/shepherd/repl/code.scm \
  scheme/shepherd/repl/errors.scm \
  scheme/shepherd/repl/guile.scm \
  scheme/shepherd/repl/outlet.scm \
  scheme/shepherd/repl/session.scm \
  scheme/shepherd/replacements.scm \
  scheme/shepherd/requests.scm \
  scheme/shepherd/requirements.scm \
  scheme/shepherd/resume.scm \
  scheme/shepherd/root.scm \
  scheme/shepherd/scheduler.scm \
  scheme/shepherd/scheduler/backtrace.scm \
  scheme/shepherd/scheduler/channels.scm \
  scheme/shepherd/scheduler/descriptors.scm \
  scheme/shepherd/scheduler/fiber.scm \
  scheme/shepherd/scheduler/heap.scm \
  scheme/shepherd/scheduler/loop.scm \
  scheme/shepherd/scheduler/operations.scm \
  scheme/shepherd/scheduler/queue.scm \
  scheme/shepherd/scheduler/registry.scm \
  scheme/shepherd/scheduler/struct.scm \
  scheme/shepherd/scripts/halt.scm \
  scheme/shepherd/scripts/herd.scm \
  scheme/shepherd/scripts/program.scm \
  scheme/shepherd/scripts/reboot.scm \
  scheme/shepherd/service.scm \
  scheme/shepherd/service-maker.scm \
  scheme/shepherd/service/log-rotation.scm \
  scheme/shepherd/service/monitoring.scm \
  scheme/shepherd/service/repl.scm \
  scheme/shepherd/service/system-log.scm \
  scheme/shepherd/service/timer.scm \
  scheme/shepherd/service/transient.scm \
  scheme/shepherd/sockets.scm \
  scheme/shepherd/sockets/accepting.scm \
  scheme/shepherd/sockets/endpoint.scm \
  scheme/shepherd/sockets/inetd.scm \
  scheme/shepherd/sockets/listeners.scm \
  scheme/shepherd/sockets/opening.scm \
  scheme/shepherd/sockets/systemd.scm \
  scheme/shepherd/source.scm \
  scheme/shepherd/successor.scm \
  scheme/shepherd/support.scm \
  scheme/shepherd/support/files.scm \
  scheme/shepherd/support/syntax.scm \
  scheme/shepherd/system-log/destinations.scm \
  scheme/shepherd/system-log/message.scm \
  scheme/shepherd/system.scm \
  scheme/shepherd/time-zone.scm \
  scheme/shepherd/timer.scm \
  scheme/shepherd/timer/command.scm \
  scheme/shepherd/timer/loop.scm \
  scheme/shepherd/transitions.scm \
  scheme/shepherd/upgrade.scm \
  scheme/shepherd/user-module.scm

# Modules with other packages' names, over ours.  They are installed where only
# shepherd looks.
SCHEME_COMPAT_MODULES =				\
  scheme/compat/fibers.scm			\
  scheme/compat/fibers/channels.scm		\
  scheme/compat/fibers/conditions.scm		\
  scheme/compat/fibers/io-wakeup.scm		\
  scheme/compat/fibers/operations.scm		\
  scheme/compat/fibers/timers.scm

# Made by the build.
SCHEME_GENERATED_MODULES =			\
  scheme/shepherd/config.scm

SCHEME_SOURCES = $(SCHEME_MODULES) $(SCHEME_GENERATED_MODULES) \
  $(SCHEME_COMPAT_MODULES)
SCHEME_OBJECTS = $(SCHEME_SOURCES:.scm=.go)

# What every daemon loads, in one file beside those of the modules, and a
# directory with the macros of these modules.
SCHEME_ROOTS = scheme/shepherd/boot.go,scheme/shepherd/service.go
SCHEME_BUNDLE = scheme/shepherd/bundle.go
SCHEME_MACROS = scheme/shepherd/macros

EXTRA_DIST += $(SCHEME_MODULES) $(SCHEME_COMPAT_MODULES) \
  scheme/shepherd/config.scm.in
CLEANFILES += $(SCHEME_OBJECTS) $(SCHEME_BUNDLE) $(SCHEME_MACROS)/*.go \
  $(SCHEME_GENERATED_MODULES) scheme/dependencies.mk

all-local: $(SCHEME_OBJECTS) $(SCHEME_BUNDLE)

# Directories that the configuration changes are expanded here, not in
# configure, since `make prefix=...' is allowed to change them.
scheme/shepherd/config.scm: scheme/shepherd/config.scm.in Makefile
	$(AM_V_GEN)$(MKDIR_P) scheme/shepherd; \
	$(SED) -e 's|@''VERSION@|$(VERSION)|g' \
	  -e 's|@''PACKAGE_VERSION@|$(PACKAGE_VERSION)|g' \
	  -e 's|@''PACKAGE_NAME@|$(PACKAGE_NAME)|g' \
	  -e 's|@''PACKAGE_BUGREPORT@|$(PACKAGE_BUGREPORT)|g' \
	  -e 's|@''PACKAGE_URL@|$(PACKAGE_URL)|g' \
	  -e 's|@''prefix@|$(prefix)|g' \
	  -e 's|@''bindir@|$(bindir)|g' \
	  -e 's|@''sbindir@|$(sbindir)|g' \
	  -e 's|@''libdir@|$(libdir)|g' \
	  -e 's|@''pkglibdir@|$(pkglibdir)|g' \
	  -e 's|@''pkgdatadir@|$(pkgdatadir)|g' \
	  -e 's|@''localedir@|$(localedir)|g' \
	  -e 's|@''localstatedir@|$(localstatedir)|g' \
	  -e 's|@''runstatedir@|$(runstatedir)|g' \
	  -e 's|@''sysconfdir@|$(sysconfdir)|g' \
	  $(srcdir)/scheme/shepherd/config.scm.in > $@.tmp && mv $@.tmp $@

AM_V_GUILD = $(am__v_GUILD_@AM_V@)
am__v_GUILD_ = $(am__v_GUILD_@AM_DEFAULT_V@)
am__v_GUILD_0 = @echo "  GUILD   " $@;
am__v_GUILD_1 =

SUFFIXES = .scm .go
.scm.go:
	$(AM_V_GUILD)GUILD='$(GUILD)' WERROR='$(enable_werror)' \
	  SOURCE_DIR='$(abs_top_srcdir)/scheme' \
	  BUILD_DIR='$(abs_top_builddir)/scheme' \
	  $(SHELL) $(top_srcdir)/build-aux/guile-compile $< $@

# Which module's change compiles which others again.
scheme/dependencies.mk: $(SCHEME_SOURCES) scheme/local.mk \
  build-aux/scheme-dependencies
	$(AM_V_GEN)$(MKDIR_P) scheme; \
	GUILE_AUTO_COMPILE=0 $(GUILE) -s \
	  $(srcdir)/build-aux/scheme-dependencies \
	  $(SCHEME_ROOTS) $(filter %.scm,$^) > $@.tmp && mv $@.tmp $@
-include scheme/dependencies.mk

$(SCHEME_BUNDLE): build-aux/guile-bundle
	$(AM_V_GEN)files=; \
	for file in $(SCHEME_BUNDLED); do \
	  test -f "$$file" || file="$(abs_top_srcdir)/$$file"; \
	  files="$$files $$file"; \
	done; \
	rm -rf $(SCHEME_MACROS); $(MKDIR_P) $(SCHEME_MACROS); \
	$(SHELL) build-aux/run-in-tree $(GUILE) -s \
	  $(srcdir)/build-aux/guile-bundle $@.tmp $(SCHEME_MACROS) $$files \
	  && mv $@.tmp $@

# Where a file of ours, such as scheme/shepherd/comm.go, is installed.
scheme_install_name =							\
  case $$file in							\
    scheme/compat/*.scm) name=$(compatdir)/$${file\#scheme/compat/} ;;	\
    scheme/compat/*.go) name=$(compatccachedir)/$${file\#scheme/compat/} ;; \
    *.scm) name=$(guilesitedir)/$${file\#scheme/} ;;			\
    *.go) name=$(guileccachedir)/$${file\#scheme/} ;;			\
  esac

# Sources first: Guile uses a compiled file that is not older than its source.
# One loop, because there are directories below, and an order to keep.
install-data-local: $(SCHEME_OBJECTS) $(SCHEME_BUNDLE)
	@$(NORMAL_INSTALL)
	@for file in $(SCHEME_SOURCES) $(SCHEME_OBJECTS) $(SCHEME_BUNDLE) \
	  $(SCHEME_MACROS)/*.go; do \
	  $(scheme_install_name); \
	  test -f "$$file" || file="$(srcdir)/$$file"; \
	  $(MKDIR_P) "$(DESTDIR)$${name%/*}" || exit 1; \
	  $(INSTALL_DATA) "$$file" "$(DESTDIR)$$name" || exit 1; \
	done; \
	echo " installed Scheme modules in $(DESTDIR)$(guilesitedir)"

# Directories go as well, where they are empty then.
uninstall-local:
	@for file in $(SCHEME_SOURCES) $(SCHEME_OBJECTS) $(SCHEME_BUNDLE) \
	  $(SCHEME_MACROS)/*.go; do \
	  $(scheme_install_name); \
	  rm -f "$(DESTDIR)$$name"; \
	done; \
	for directory in $(guilesitedir)/shepherd $(guileccachedir)/shepherd \
	  $(compatdir) $(compatccachedir); do \
	  test ! -d "$(DESTDIR)$$directory" \
	    || find "$(DESTDIR)$$directory" -depth -type d -empty -delete; \
	done
