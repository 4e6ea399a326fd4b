/* fuzz.h -- what the fuzz targets have in common.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   A target is a function of some bytes that must survive any: it aborts
   when a promise is broken.  Linked with libFuzzer it is given what that
   invents; by itself it runs files, and mutations of them (see alone.c).  */

#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);

/* Abort unless CONDITION holds, saying which one.  */
#define fuzz_expect(condition) \
  ((condition) ? (void) 0 : fuzz_broken (__FILE__, __LINE__, #condition))

_Noreturn void fuzz_broken (const char *file, int line,
			    const char *condition);

/* A number to make choices with that depends on nothing but the bytes, so
   that a finding can be repeated.  */
uint64_t fuzz_seed (const uint8_t *bytes, size_t size);

/* The next number of the sequence that *STATE is at.  */
uint64_t fuzz_next (uint64_t *state);

/* The size of the next piece of LEFT bytes, at least one: often tiny.  */
size_t fuzz_piece (uint64_t *state, size_t left);

/* A port that takes everything.  */
FILE *fuzz_null (void);

#endif
