# tests/soak/local.mk -- `make soak' works, and looks for what adds up

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

EXTRA_DIST += tests/soak/soak.scm tests/soak/town.scm

SOAK_SECONDS = 3600

soak: all tests/supervise$(EXEEXT) tests/system/worker$(EXEEXT)
	@SOAK_SECONDS=$(SOAK_SECONDS)					\
	  TEST_SECONDS=`expr $(SOAK_SECONDS) + 1800` $(SHELL)		\
	  $(top_srcdir)/build-aux/run-test				\
	  $(top_srcdir)/tests/system/soak.sh
.PHONY: soak
