/* command-fuzz.c -- what clients send to the core.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "fuzz.h"

#include <string.h>

#include "command.h"
#include "text.h"

/* How a scan ends.  */
struct outcome
{
  enum sexp_scan_result result;
  size_t used;
};

/* Scan as the core does, in pieces that STATE chooses.  */
static struct outcome
scan_pieces (const char *bytes, size_t size, uint64_t *state)
{
  struct sexp_scanner scanner;
  struct outcome outcome = { SEXP_MORE, 0 };
  sexp_scan_init (&scanner);
  for (size_t at = 0; at < size && outcome.result == SEXP_MORE;)
    {
      size_t piece = state == NULL ? size : fuzz_piece (state, size - at);
      size_t used;
      outcome.result = sexp_scan (&scanner, bytes + at, piece, &used);
      fuzz_expect (used <= piece);
      fuzz_expect (outcome.result != SEXP_MORE || used == piece);
      outcome.used += used;
      at += piece;
    }
  size_t more;
  if (outcome.result != SEXP_MORE)
    fuzz_expect (sexp_scan (&scanner, "(", 1, &more) == outcome.result
		 && more == 0);
  return outcome;
}

/* What is written of a datum must be read as the same datum.  */
static void
check_writer (const struct sexp *root)
{
  struct text once = TEXT_EMPTY, twice = TEXT_EMPTY;
  struct sexp_tree *tree;
  sexp_write (&once, root);
  int result = sexp_parse (text_string (&once), once.length, &tree);
  fuzz_expect (result == 0);
  sexp_write (&twice, sexp_root (tree));
  fuzz_expect (once.length == twice.length
	       && memcmp (text_string (&once), text_string (&twice),
			  once.length) == 0);
  sexp_free (tree);
  text_clear (&once);
  sexp_display (&once, root);
  text_free (&once);
  text_free (&twice);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
  const char *text = (const char *) bytes;
  uint64_t state = fuzz_seed (bytes, size);
  struct outcome whole = scan_pieces (text, size, NULL);
  struct outcome pieces = scan_pieces (text, size, &state);
  fuzz_expect (whole.result == pieces.result);
  fuzz_expect (whole.result != SEXP_COMPLETE || whole.used == pieces.used);

  struct sexp_tree *tree;
  if (sexp_parse (text, size, &tree) == 0)
    {
      fuzz_expect (whole.result != SEXP_ERROR);
      check_writer (sexp_root (tree));
      sexp_free (tree);
    }
  struct command command;
  if (whole.result == SEXP_COMPLETE
      && command_parse (&command, text, whole.used) == 0)
    {
      fuzz_expect (command.action != NULL && command.service != NULL
		   && sexp_is_list (command.arguments));
      command_free (&command);
    }
  return 0;
}
