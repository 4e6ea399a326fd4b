# po/local.mk -- translations of messages

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Gettext's own rules would be a second makefile in this directory, with
# autopoint and twenty macros to go with it.  These do what is used of them,
# under the same names.

include $(srcdir)/po/Makevars

EXTRA_DIST += po/LINGUAS po/Makevars po/POTFILES.in po/README \
  $(PO_FILES) po/shepherd.pot
CLEANFILES += $(CATALOGUES)
DISTCLEANFILES += po/shepherd.pot

AM_V_MSGFMT = $(am__v_MSGFMT_@AM_V@)
am__v_MSGFMT_ = $(am__v_MSGFMT_@AM_DEFAULT_V@)
am__v_MSGFMT_0 = @echo "  MSGFMT  " $@;
am__v_MSGFMT_1 =

# Named as below $(localedir), so that programs can use them from here.
all-local: $(CATALOGUES)
po/%/LC_MESSAGES/$(DOMAIN).mo: po/%.po
	$(AM_V_MSGFMT)$(MKDIR_P) $(@D) && $(MSGFMT) --check -o $@ $<

# Not made by itself: it is for translators, and takes every source.  The
# marks in one language mean other things in the other.  A date would differ
# in each branch.
.PHONY: po/shepherd.pot
po/shepherd.pot:
	$(AM_V_GEN)$(MKDIR_P) po && rm -f $@.tmp && extract ()		\
	{ grep "$$1" $(srcdir)/po/POTFILES.in | {			\
	  shift; xgettext "$$@" --directory=$(srcdir) --files-from=-	\
	    $(XGETTEXT_OPTIONS) --output=po/shepherd.pot.tmp		\
	    --package-name=$(PACKAGE) --package-version=$(VERSION)	\
	    --copyright-holder='$(COPYRIGHT_HOLDER)'			\
	    --msgid-bugs-address='$(MSGID_BUGS_ADDRESS)'; }; } &&	\
	extract '\.[ch]$$' $(XGETTEXT_C_OPTIONS) &&			\
	$(SED) -i 's/CHARSET/UTF-8/' $@.tmp &&				\
	extract '\.scm$$' $(XGETTEXT_SCHEME_OPTIONS) --join-existing &&	\
	$(SED) '/^"POT-Creation-Date/d' $@.tmp > $@ && rm $@.tmp

# What is to be done when messages have changed.
update-po:
	@$(srcdir)/build-aux/messages files > $(srcdir)/po/POTFILES.in
	@$(MAKE) po/shepherd.pot
	@for file in $(PO_FILES); do					\
	  msgmerge --quiet --update --backup=none $(MSGMERGE_OPTIONS)	\
	    --lang=`basename $$file .po` $(srcdir)/$$file		\
	    po/shepherd.pot						\
	    && msgattrib --no-obsolete --output-file=$(srcdir)/$$file	\
	      $(srcdir)/$$file						\
	    && echo "$$file, to do:"					\
	    && $(srcdir)/build-aux/messages todo $(srcdir)/$$file	\
	      po/shepherd.pot || exit 1;				\
	done

install-data-local: install-catalogues
install-catalogues: $(CATALOGUES)
	@for file in $(CATALOGUES); do					\
	  name=$(DESTDIR)$(localedir)/$${file#po/};			\
	  $(MKDIR_P) "$${name%/*}"					\
	    && $(INSTALL_DATA) "$$file" "$$name" || exit 1;		\
	done
uninstall-local: uninstall-catalogues
uninstall-catalogues:
	@for file in $(CATALOGUES); do					\
	  rm -f "$(DESTDIR)$(localedir)/$${file#po/}";			\
	done
.PHONY: update-po install-catalogues uninstall-catalogues
