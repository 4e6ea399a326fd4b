/* sexp-parse.c -- Scheme data as a tree.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The scanner runs first, so that what is parsed here is valid UTF-8 with
   parentheses, quotes and comments in order, and of bounded depth.  */

#include <config.h>
#include "sexp.h"
#include "sexp-atom.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct block
{
  struct block *next;
  size_t used, size;
  _Alignas (max_align_t) char bytes[];
};

struct sexp_tree
{
  struct block *blocks;
  const struct sexp *root;
};

enum frame_kind { FRAME_LIST, FRAME_VECTOR, FRAME_QUOTE, FRAME_COMMENT };

struct frame
{
  enum frame_kind kind;
  const char *name;		/* quote: symbol, NULL for #:; vector: prefix */
  const struct sexp *first;	/* NULL while empty */
  struct sexp *last;		/* last pair */
  enum { NO_DOT, DOT, TAIL } dot;
};

struct parser
{
  const char *next, *end;
  struct sexp_tree *tree;
  size_t depth;
  struct frame *frames;		/* SEXP_DEPTH_MAX of them */
};

static const struct sexp nil = { .kind = SEXP_NIL };

void *
sexp_allocate (struct sexp_tree *tree, size_t size)
{
  struct block *block = tree->blocks;

  size = (size + 7) & ~(size_t) 7;
  if (block == NULL || size > block->size - block->used)
    {
      size_t wanted = block == NULL ? 2048 : block->size * 2;
      if (wanted > 1 << 20)
	wanted = 1 << 20;
      if (wanted < size)
	wanted = size;
      block = malloc (sizeof *block + wanted);
      if (block == NULL)
	return NULL;
      *block = (struct block) { .next = tree->blocks, .size = wanted };
      tree->blocks = block;
    }
  void *result = block->bytes + block->used;
  block->used += size;
  return result;
}

char *
sexp_copy (struct sexp_tree *tree, const char *bytes, size_t length)
{
  char *copy = sexp_allocate (tree, length + 1);
  if (copy != NULL)
    {
      memcpy (copy, bytes, length);
      copy[length] = '\0';
    }
  return copy;
}

static struct sexp *
make_pair (struct parser *p, const struct sexp *car, const struct sexp *cdr)
{
  struct sexp *pair = sexp_allocate (p->tree, sizeof *pair);
  if (pair != NULL)
    *pair = (struct sexp) { .kind = SEXP_PAIR, .car = car, .cdr = cdr };
  return pair;
}

static struct sexp *
make_text (struct parser *p, enum sexp_kind kind, const char *text)
{
  struct sexp *x = sexp_allocate (p->tree, sizeof *x);
  if (x != NULL)
    *x = (struct sexp) { .kind = kind, .exact = true, .text = text,
			 .length = strlen (text) };
  return x;
}

static const struct sexp *
quote (struct parser *p, const char *name, const struct sexp *datum)
{
  const struct sexp *symbol = make_text (p, SEXP_SYMBOL, name);
  const struct sexp *tail = symbol ? make_pair (p, datum, &nil) : NULL;
  return tail ? make_pair (p, symbol, tail) : NULL;
}

/* Add DATUM to the list in FRAME.  */
static int
frame_add (struct parser *p, struct frame *frame, const struct sexp *datum)
{
  if (frame->dot == TAIL)
    return -EINVAL;
  if (frame->dot == DOT)
    {
      if (frame->last == NULL)
	frame->first = datum;
      else
	frame->last->cdr = datum;
      frame->dot = TAIL;
      return 0;
    }
  struct sexp *pair = make_pair (p, datum, &nil);
  if (pair == NULL)
    return -ENOMEM;
  if (frame->last == NULL)
    frame->first = pair;
  else
    frame->last->cdr = pair;
  frame->last = pair;
  return 0;
}

/* DATUM is complete: give it to whatever waits for it.  Positive once it
   is the whole datum.  */
static int
deliver (struct parser *p, const struct sexp *datum)
{
  while (datum != NULL)
    {
      if (p->depth == 0)
	{
	  p->tree->root = datum;
	  return 1;
	}
      struct frame *frame = &p->frames[p->depth - 1];
      switch (frame->kind)
	{
	case FRAME_COMMENT:
	  p->depth--;
	  return 0;
	case FRAME_QUOTE:
	  p->depth--;
	  if (frame->name != NULL)
	    datum = quote (p, frame->name, datum);
	  else if (datum->kind == SEXP_SYMBOL)
	    {
	      struct sexp *keyword = sexp_allocate (p->tree, sizeof *keyword);
	      if (keyword != NULL)
		{
		  *keyword = *datum;
		  keyword->kind = SEXP_KEYWORD;
		}
	      datum = keyword;
	    }
	  else
	    return -EINVAL;
	  break;
	case FRAME_LIST: case FRAME_VECTOR:
	  return frame_add (p, frame, datum);
	}
    }
  return -ENOMEM;
}

static int
open_frame (struct parser *p, enum frame_kind kind, const char *name)
{
  if (p->depth == SEXP_DEPTH_MAX)
    return -EINVAL;
  p->frames[p->depth++] = (struct frame) { .kind = kind, .name = name };
  return 0;
}

static int
close_list (struct parser *p)
{
  struct frame *frame = &p->frames[p->depth - 1];
  const struct sexp *list = frame->first ? frame->first : &nil;

  if (frame->dot == DOT || (frame->dot == TAIL && frame->kind == FRAME_VECTOR))
    return -EINVAL;
  p->depth--;
  if (frame->kind == FRAME_LIST)
    return deliver (p, list);

  struct sexp *vector = sexp_allocate (p->tree, sizeof *vector);
  if (vector == NULL)
    return -ENOMEM;
  *vector = (struct sexp) { .kind = SEXP_VECTOR, .text = frame->name,
			    .length = strlen (frame->name), .items = list };
  return deliver (p, vector);
}

static void
skip_line (struct parser *p)
{
  while (p->next < p->end && *p->next++ != '\n')
    ;
}

static void
skip_block (struct parser *p)
{
  unsigned int depth = 0;
  do
    {
      bool open = p->next[0] == '#' && p->next[1] == '|';
      bool close = p->next[0] == '|' && p->next[1] == '#';
      depth += open;
      depth -= close;
      p->next += open || close ? 2 : 1;
    }
  while (depth > 0);
}

static int
parse_atom (struct parser *p)
{
  const struct sexp *datum;
  const char *start = p->next;
  int rc = sexp_atom (p->tree, &p->next, p->end, &datum);
  if (rc < 0)
    return rc;
  if (p->depth > 0 && p->next == start + 1 && *start == '.')
    {
      struct frame *frame = &p->frames[p->depth - 1];
      if (frame->kind == FRAME_LIST || frame->kind == FRAME_VECTOR)
	{
	  if (frame->dot != NO_DOT)
	    return -EINVAL;
	  frame->dot = DOT;
	  return 0;
	}
    }
  return deliver (p, datum);
}

static int
parse_quote (struct parser *p, bool syntax)
{
  static const char *const names[2][4] = {
    { "quote", "quasiquote", "unquote", "unquote-splicing" },
    { "syntax", "quasisyntax", "unsyntax", "unsyntax-splicing" }
  };
  char c = *p->next++;
  int which = c == '\'' ? 0 : c == '`' ? 1 : 2;
  if (which == 2 && p->next < p->end && *p->next == '@')
    {
      p->next++;
      which = 3;
    }
  return open_frame (p, FRAME_QUOTE, names[syntax][which]);
}

/* Digits that may be before an array's elements.  Guile, who reads what we
   accept, makes an array as large as they say before it looks at those.  */
enum { ARRAY_DIGITS_MAX = 6 };

/* #u8(, #2@1:3(: the scanner saw the parenthesis.  */
static int
parse_array (struct parser *p)
{
  const char *start = p->next;
  int digits = 0;
  for (; *p->next != '('; p->next++)
    if (*p->next >= '0' && *p->next <= '9' && ++digits > ARRAY_DIGITS_MAX)
      return -EINVAL;
  const char *prefix = sexp_copy (p->tree, start, (size_t) (p->next - start));
  p->next++;
  return prefix ? open_frame (p, FRAME_VECTOR, prefix) : -ENOMEM;
}

static int
parse_hash (struct parser *p)
{
  switch (p->next[1])
    {
    case '|':
      skip_block (p);
      return 0;
    case ';':
      p->next += 2;
      return open_frame (p, FRAME_COMMENT, NULL);
    case ':':
      p->next += 2;
      return open_frame (p, FRAME_QUOTE, NULL);
    case '\'': case '`': case ',':
      p->next++;
      return parse_quote (p, true);
    case '(': case 's': case 'u': case 'c': case 'v': case '@':
    case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
      return parse_array (p);
    case 'f':
      if (p->end - p->next > 2 && (p->next[2] == '3' || p->next[2] == '6'))
	return parse_array (p);
      return parse_atom (p);
    default:
      return parse_atom (p);
    }
}

/* Read one token.  Positive once the datum is complete.  */
static int
parse_step (struct parser *p)
{
  switch (*p->next)
    {
    case ' ': case '\n': case '\t': case '\r': case '\f':
      p->next++;
      return 0;
    case ';':
      skip_line (p);
      return 0;
    case '(': case '[':
      p->next++;
      return open_frame (p, FRAME_LIST, NULL);
    case ')': case ']':
      p->next++;
      return close_list (p);
    case '\'': case '`': case ',':
      return parse_quote (p, false);
    case '#':
      return parse_hash (p);
    default:
      return parse_atom (p);
    }
}

static int
parse (struct sexp_tree *tree, const char *text, size_t length)
{
  struct parser p = { .next = text, .end = text + length, .tree = tree };
  int rc = 0;

  p.frames = malloc (SEXP_DEPTH_MAX * sizeof *p.frames);
  if (p.frames == NULL)
    return -ENOMEM;
  while (rc == 0 && p.next < p.end)
    rc = parse_step (&p);
  free (p.frames);
  return rc < 0 ? rc : rc == 0 ? -EINVAL : 0;
}

int
sexp_parse (const char *text, size_t length, struct sexp_tree **result)
{
  struct sexp_scanner scanner;
  size_t used;

  *result = NULL;
  sexp_scan_init (&scanner);
  if (sexp_scan (&scanner, text, length, &used) != SEXP_COMPLETE
      && sexp_scan_end (&scanner) != SEXP_COMPLETE)
    return -EINVAL;

  struct sexp_tree *tree = calloc (1, sizeof *tree);
  if (tree == NULL)
    return -ENOMEM;
  int rc = parse (tree, text, used);
  if (rc < 0)
    sexp_free (tree);
  else
    *result = tree;
  return rc;
}

const struct sexp *
sexp_root (const struct sexp_tree *tree)
{
  return tree != NULL ? tree->root : NULL;
}

void
sexp_free (struct sexp_tree *tree)
{
  if (tree == NULL)
    return;
  while (tree->blocks != NULL)
    {
      struct block *next = tree->blocks->next;
      free (tree->blocks);
      tree->blocks = next;
    }
  free (tree);
}
