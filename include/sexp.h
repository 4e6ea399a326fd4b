/* sexp.h -- Scheme data as Guile writes and reads them.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Three parts that may be used apart:

   - the scanner finds where one datum ends in bytes that arrive in pieces,
     in constant memory: it is fit for the core's socket;
   - the parser turns a complete datum into a tree, and accessors look at it;
   - the writer turns a tree, or a C string, into text again.

   The syntax is that of Guile's reader with its default options, thus
   without |symbols|; `#!' comments and directives, `#.' and other reader
   extensions are errors.  Nesting deeper than SEXP_DEPTH_MAX is an error.
   Nothing here recurses, so small stacks suffice.  */

#ifndef SEXP_H
#define SEXP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

/* Nested parentheses, quotes and datum comments.  */
#define SEXP_DEPTH_MAX 1000

/* The scanner.  */

enum sexp_scan_result
{
  SEXP_MORE,			/* no complete datum yet */
  SEXP_COMPLETE,
  SEXP_ERROR			/* no bytes that follow can make it right */
};

/* All fields are private.  */
struct sexp_scanner
{
  unsigned char state;
  unsigned char result;		/* enum sexp_scan_result, once not SEXP_MORE */
  unsigned char hash;		/* the character after a `#' */
  unsigned char utf8_left;	/* continuation bytes to come */
  unsigned char utf8_low, utf8_high;	/* bounds of the next one */
  unsigned int depth;		/* the top of STACK */
  unsigned int comments;	/* depth of #| |# */
  unsigned char stack[SEXP_DEPTH_MAX + 1];
};

void sexp_scan_init (struct sexp_scanner *scanner);

/* Read LENGTH more BYTES.  On SEXP_COMPLETE, *USED is how many of them
   belong to the datum (with the white space and comments before it); the
   rest was not looked at.  An atom is complete only at the delimiter after
   it, which is not counted.  After SEXP_COMPLETE or SEXP_ERROR the scanner
   keeps that answer until it is initialised again.  */
enum sexp_scan_result sexp_scan (struct sexp_scanner *scanner,
				 const char *bytes, size_t length,
				 size_t *used);

/* There is no more input.  SEXP_COMPLETE for an atom that only lacked its
   delimiter, otherwise SEXP_ERROR.  */
enum sexp_scan_result sexp_scan_end (struct sexp_scanner *scanner);

/* True while nothing but white space and comments was seen.  */
bool sexp_scan_blank (const struct sexp_scanner *scanner);

/* The tree.  */

enum sexp_kind
{
  SEXP_NIL,			/* () */
  SEXP_PAIR,			/* car, cdr */
  SEXP_SYMBOL,			/* text: the name */
  SEXP_KEYWORD,			/* text: the name, without #: */
  SEXP_STRING,			/* text: the contents, escapes replaced */
  SEXP_BOOLEAN,			/* integer: 0 or 1 */
  SEXP_NUMBER,			/* text as read; integer if exact */
  SEXP_CHARACTER,		/* integer: the code point */
  SEXP_VECTOR,			/* text: what is before the `('; items */
  SEXP_OTHER			/* text: some other atom (#*01, #nil) */
};

struct sexp
{
  unsigned char kind;		/* enum sexp_kind */
  bool exact;			/* SEXP_NUMBER: INTEGER is its value.
				   SEXP_SYMBOL: was written plainly */
  uint32_t length;		/* of TEXT */
  union
  {
    const struct sexp *car;
    const char *text;		/* UTF-8, NUL-terminated */
  };
  union
  {
    const struct sexp *cdr;
    int64_t integer;
    const struct sexp *items;	/* SEXP_VECTOR: a list */
  };
};

struct sexp_tree;

/* Parse the first datum of TEXT; what follows it is ignored.  0, -EINVAL
   if there is no valid datum, or -ENOMEM.  The tree copies what it needs
   of TEXT.  */
int sexp_parse (const char *text, size_t length, struct sexp_tree **result);

/* Likewise, where a scanner found that the LENGTH bytes of TEXT are a complete
   datum, and a NUL follows them.  TEXT is malloc'ed, and becomes part of the
   tree; it is freed also on failure.  */
int sexp_parse_taken (char *text, size_t length, struct sexp_tree **result);

const struct sexp *sexp_root (const struct sexp_tree *tree);

/* Have the strings and names of TREE be in ENCODING, for users whose locale
   is not UTF-8: characters that it lacks are spelled otherwise.  What cannot
   be converted stays.  Recurses, other than all else here.  */
void sexp_encode (struct sexp_tree *tree, const char *encoding);

/* Free TREE and all its data.  NULL is fine.  */
void sexp_free (struct sexp_tree *tree);

/* Accessors.  All accept NULL, which stands for "no such datum" and is what
   they return when there is none.  */

static inline bool
sexp_is (const struct sexp *x, enum sexp_kind kind)
{
  return x != NULL && x->kind == kind;
}

static inline const struct sexp *
sexp_car (const struct sexp *x)
{
  return sexp_is (x, SEXP_PAIR) ? x->car : NULL;
}

static inline const struct sexp *
sexp_cdr (const struct sexp *x)
{
  return sexp_is (x, SEXP_PAIR) ? x->cdr : NULL;
}

bool sexp_is_symbol (const struct sexp *x, const char *name);
bool sexp_is_list (const struct sexp *x);	/* proper, maybe empty */
bool sexp_is_true (const struct sexp *x);	/* there, and not #f */
const struct sexp *sexp_nth (const struct sexp *list, size_t index);
size_t sexp_length (const struct sexp *list);	/* pairs in it */

/* The name or contents of a symbol, keyword or string; NULL for others.  */
const char *sexp_text (const struct sexp *x);

/* The value of an exact integer, or OTHERWISE.  */
int64_t sexp_integer (const struct sexp *x, int64_t otherwise);

/* What is nearest to the value of any number, or OTHERWISE.  */
double sexp_real (const struct sexp *x, double otherwise);

/* Is X a list such as (TAG (version 0 ...) ...)?  */
bool sexp_is_record (const struct sexp *x, const char *tag);

/* The value in the element (NAME VALUE) of the list RECORD.  */
const struct sexp *sexp_property (const struct sexp *record, const char *name);

/* Loop over the elements of LIST: CELL is a pair each time.  */
#define sexp_for_each(cell, list) \
  for (const struct sexp *cell = (list); sexp_is (cell, SEXP_PAIR); \
       cell = sexp_cdr (cell))

/* The writer.  */

/* Append X as Guile's `write' (or `display') would print it.  */
void sexp_write (struct text *out, const struct sexp *x);
void sexp_display (struct text *out, const struct sexp *x);

/* Append the string literal, or symbol, for LENGTH bytes of UTF-8.  */
void sexp_write_string (struct text *out, const char *bytes, size_t length);
void sexp_write_symbol (struct text *out, const char *name, size_t length);

#endif
