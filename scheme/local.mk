# scheme/local.mk -- the Scheme modules: compiled here, installed with their
# sources

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Every module, in the order of the alphabet; a test compares this list with
# the directory.
SCHEME_MODULES =				\
  scheme/compat/fibers.scm \
  scheme/compat/fibers/channels.scm \
  scheme/compat/fibers/conditions.scm \
  scheme/compat/fibers/operations.scm \
  scheme/compat/fibers/timers.scm \
  scheme/shepherd/actions.scm \
  scheme/shepherd/args.scm \
  scheme/shepherd/boot.scm \
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
  scheme/shepherd/file-contents.scm \
  scheme/shepherd/host.scm \
  scheme/shepherd/lifecycle.scm \
  scheme/shepherd/log-source.scm \
  scheme/shepherd/output.scm \
  scheme/shepherd/process.scm \
  scheme/shepherd/publication.scm \
  scheme/shepherd/queries.scm \
  scheme/shepherd/records.scm \
  scheme/shepherd/registration.scm \
  scheme/shepherd/registry.scm \
  scheme/shepherd/replacements.scm \
  scheme/shepherd/requests.scm \
  scheme/shepherd/requirements.scm \
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
  scheme/shepherd/service.scm \
  scheme/shepherd/source.scm \
  scheme/shepherd/support.scm \
  scheme/shepherd/support/files.scm \
  scheme/shepherd/support/syntax.scm \
  scheme/shepherd/system.scm \
  scheme/shepherd/transitions.scm \
  scheme/shepherd/user-module.scm

# Made by the build.
SCHEME_GENERATED_MODULES =			\
  scheme/shepherd/config.scm

SCHEME_SOURCES = $(SCHEME_MODULES) $(SCHEME_GENERATED_MODULES)
SCHEME_OBJECTS = $(SCHEME_SOURCES:.scm=.go)

EXTRA_DIST += $(SCHEME_MODULES) scheme/shepherd/config.scm.in
CLEANFILES += $(SCHEME_OBJECTS) $(SCHEME_GENERATED_MODULES) \
  scheme/dependencies.mk

all-local: $(SCHEME_OBJECTS)

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
	  $(filter %.scm,$^) > $@.tmp && mv $@.tmp $@
-include scheme/dependencies.mk

# Sources first: Guile uses a compiled file that is not older than its source.
# Plain loops, because there are directories below.
install-data-local: $(SCHEME_OBJECTS)
	@$(NORMAL_INSTALL)
	@for file in $(SCHEME_SOURCES); do \
	  name=$${file#scheme/}; directory="$(DESTDIR)$(guilesitedir)"; \
	  test -f "$$file" || file="$(srcdir)/$$file"; \
	  $(MKDIR_P) "$$directory/$$(dirname "$$name")" || exit 1; \
	  $(INSTALL_DATA) "$$file" "$$directory/$$name" || exit 1; \
	done; \
	echo " installed Scheme sources in $(DESTDIR)$(guilesitedir)"
	@for file in $(SCHEME_OBJECTS); do \
	  name=$${file#scheme/}; directory="$(DESTDIR)$(guileccachedir)"; \
	  $(MKDIR_P) "$$directory/$$(dirname "$$name")" || exit 1; \
	  $(INSTALL_DATA) "$$file" "$$directory/$$name" || exit 1; \
	done; \
	echo " installed compiled Scheme in $(DESTDIR)$(guileccachedir)"

# Directories go as well, where they are empty then.
uninstall-local:
	@for file in $(SCHEME_SOURCES); do \
	  rm -f "$(DESTDIR)$(guilesitedir)/$${file#scheme/}"; \
	done
	@for file in $(SCHEME_OBJECTS); do \
	  rm -f "$(DESTDIR)$(guileccachedir)/$${file#scheme/}"; \
	done
	@for directory in "$(DESTDIR)$(guilesitedir)" \
	  "$(DESTDIR)$(guileccachedir)"; do \
	  if test -d "$$directory/shepherd"; then \
	    find "$$directory/shepherd" -depth -type d -empty -delete; \
	  fi; \
	done
