/* sexp-atom.h -- atoms of Scheme data; private to the parser.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef SEXP_ATOM_H
#define SEXP_ATOM_H

#include "sexp.h"

struct sexp_block;

struct sexp_tree
{
  char *next, *end;		/* what is free of the latest block */
  struct sexp_block *blocks;	/* latest first */
  char *text;			/* malloc'ed */
  const struct sexp *root;
};

/* The text of a tree, which the scanner accepted: what is read of it stays in
   its place, and a NUL comes to stand behind it.  */
struct sexp_source
{
  struct sexp_tree *tree;
  char *next, *end;		/* at END there is a NUL */
  char delimiter;		/* what was where a NUL is at NEXT */
};

/* Memory of a new block.  */
void *sexp_allocate_block (struct sexp_tree *tree, size_t size);

/* Memory that lasts as long as TREE, or NULL.  */
static inline void *
sexp_allocate (struct sexp_tree *tree, size_t size)
{
  size = (size + 7) & ~(size_t) 7;
  if (size > (size_t) (tree->end - tree->next))
    return sexp_allocate_block (tree, size);
  void *result = tree->next;
  tree->next += size;
  return result;
}

/* A datum of KIND whose text is that from START to END, or NULL.  */
static inline struct sexp *
sexp_make (struct sexp_tree *tree, enum sexp_kind kind, bool exact,
	   const char *start, const char *end)
{
  struct sexp *x = sexp_allocate (tree, sizeof *x);
  if (x != NULL)
    *x = (struct sexp) { .kind = (unsigned char) kind, .exact = exact,
			 .length = (uint32_t) (end - start), .text = start };
  return x;
}

/* Read the next atom.  0, -EINVAL or -ENOMEM.  */
int sexp_atom (struct sexp_source *source, const struct sexp **result);

/* What bytes may be part of; a byte beyond ASCII has no bit set.  */
enum
{
  SEXP_BLANK = 1,
  SEXP_DELIMITER = 2,		/* it ends an atom */
  SEXP_IN_ATOM = 4,		/* it does not */
  SEXP_IN_STRING = 8,		/* not `"' and `\' */
  SEXP_BEGINS_ATOM = 16,	/* as it goes on, as far as IN_ATOM */
  SEXP_IN_NUMBER = 32		/* one may begin with it */
};
extern const unsigned char sexp_bytes[256];

static inline bool
sexp_delimiter (unsigned char c)
{
  return sexp_bytes[c] & SEXP_DELIMITER;
}

/* Write the code point C as UTF-8 to BYTES; return how many there are.  */
size_t sexp_utf8 (char bytes[4], uint32_t c);

#endif
