# tests/fuzz/local.mk -- inputs that nobody would think of

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Each target is a program: by itself it runs files, and mutations of them.
# `make fuzz' builds them with clang and libFuzzer, whose `main' then takes
# the place of that in the library, and runs each for FUZZ_SECONDS.
FUZZ_TARGETS = tests/fuzz/command-fuzz tests/fuzz/reply-fuzz	\
  tests/fuzz/state-fuzz tests/fuzz/log-fuzz tests/fuzz/options-fuzz	\
  tests/fuzz/image-fuzz
check_PROGRAMS += $(FUZZ_TARGETS)
check_LIBRARIES = libfuzz.a
libfuzz_a_SOURCES = tests/fuzz/alone.c tests/fuzz/fuzz.c tests/fuzz/fuzz.h
fuzz_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/src
fuzz_ldflags = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_command_fuzz_SOURCES = tests/fuzz/command-fuzz.c
tests_fuzz_command_fuzz_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_command_fuzz_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_command_fuzz_LDADD = libfuzz.a libcore.a libcommon.a
tests_fuzz_reply_fuzz_SOURCES = tests/fuzz/reply-fuzz.c
tests_fuzz_reply_fuzz_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_reply_fuzz_LDFLAGS = $(fuzz_ldflags) -Wl,--wrap=connection_open
tests_fuzz_reply_fuzz_LDADD = libfuzz.a libherd.a libcommon.a
tests_fuzz_state_fuzz_SOURCES = tests/fuzz/state-fuzz.c
tests_fuzz_state_fuzz_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_state_fuzz_LDADD = libfuzz.a libcommon.a
tests_fuzz_log_fuzz_SOURCES = tests/fuzz/log-fuzz.c
tests_fuzz_log_fuzz_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_log_fuzz_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_log_fuzz_LDADD = libfuzz.a liblogger.a libcommon.a
tests_fuzz_options_fuzz_SOURCES = tests/fuzz/options-fuzz.c
tests_fuzz_options_fuzz_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_options_fuzz_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_options_fuzz_LDADD = libfuzz.a libherd.a libcommon.a
tests_fuzz_image_fuzz_SOURCES = tests/fuzz/image-fuzz.c
tests_fuzz_image_fuzz_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_image_fuzz_LDADD = libfuzz.a libcommon.a
FUZZ_TESTS = tests/corpus-test.sh tests/fuzz-test.sh
TESTS += $(FUZZ_TESTS)
EXTRA_DIST += $(FUZZ_TESTS) tests/fuzz/corpus tests/fuzz/fuzz

fuzz:
	@$(SHELL) $(top_srcdir)/tests/fuzz/fuzz $(abs_top_builddir)/build-fuzz \
	  $(FUZZ_SECONDS)
clean-local: clean-fuzz
clean-fuzz:
	rm -rf build-fuzz
.PHONY: fuzz clean-fuzz
