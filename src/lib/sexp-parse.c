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

struct sexp_block
{
  struct sexp_block *next;
  size_t size;
  _Alignas (max_align_t) char bytes[];
};

enum frame_kind
{
  FRAME_LIST, FRAME_VECTOR, FRAME_QUOTE, FRAME_COMMENT,
  FRAME_ROOT			/* what waits for the whole datum */
};

struct frame
{
  enum frame_kind kind;
  enum { NO_DOT, DOT, TAIL } dot;
  const char *name;		/* quote: symbol, NULL for #:; vector: prefix */
  const struct sexp *first;
  const struct sexp **rest;	/* FIRST, or the cdr of the last pair */
};

struct parser
{
  struct sexp_source source;
  struct sexp_tree *tree;
  struct frame *top, *deepest;
};

static const struct sexp nil = { .kind = SEXP_NIL };

void *
sexp_allocate_block (struct sexp_tree *tree, size_t size)
{
  size_t wanted = tree->blocks == NULL ? 2048 : tree->blocks->size * 2;
  if (wanted > 1 << 20)
    wanted = 1 << 20;
  if (wanted < size)
    wanted = size;
  struct sexp_block *block = malloc (sizeof *block + wanted);
  if (block == NULL)
    return NULL;
  block->next = tree->blocks;
  block->size = wanted;
  tree->blocks = block;
  tree->next = block->bytes + size;
  tree->end = block->bytes + wanted;
  return block->bytes;
}

static struct sexp *
make_pair (struct parser *p, const struct sexp *car, const struct sexp *cdr)
{
  struct sexp *pair = sexp_allocate (p->tree, sizeof *pair);
  if (pair != NULL)
    *pair = (struct sexp) { .kind = SEXP_PAIR, .car = car, .cdr = cdr };
  return pair;
}

static const struct sexp *
quote (struct parser *p, const char *name, const struct sexp *datum)
{
  const struct sexp *symbol = sexp_make (p->tree, SEXP_SYMBOL, true, name,
					 name + strlen (name));
  const struct sexp *tail = symbol ? make_pair (p, datum, &nil) : NULL;
  return tail ? make_pair (p, symbol, tail) : NULL;
}

/* Add DATUM to the list in FRAME.  */
static int
frame_add (struct parser *p, struct frame *frame, const struct sexp *datum)
{
  if (frame->dot == NO_DOT)
    {
      struct sexp *pair = make_pair (p, datum, &nil);
      if (pair == NULL)
	return -ENOMEM;
      *frame->rest = pair;
      frame->rest = &pair->cdr;
      return 0;
    }
  if (frame->dot == TAIL)
    return -EINVAL;
  *frame->rest = datum;
  frame->dot = TAIL;
  return 0;
}

/* The quote in FRAME with the DATUM after it.  */
static int
end_quote (struct parser *p, const struct frame *frame,
	   const struct sexp **datum)
{
  if (frame->name != NULL)
    *datum = quote (p, frame->name, *datum);
  else if (sexp_is (*datum, SEXP_SYMBOL))
    {
      const char *name = (*datum)->text;
      *datum = sexp_make (p->tree, SEXP_KEYWORD, (*datum)->exact, name,
			  name + (*datum)->length);
    }
  else
    return -EINVAL;
  return *datum == NULL ? -ENOMEM : 0;
}

/* DATUM is complete: give it to whatever waits for it.  Positive once it
   is the whole datum.  */
static int
deliver (struct parser *p, const struct sexp *datum)
{
  for (;;)
    {
      struct frame *frame = p->top;
      if (frame->kind <= FRAME_VECTOR)
	return frame_add (p, frame, datum);
      if (frame->kind == FRAME_ROOT)
	break;
      p->top--;
      if (frame->kind == FRAME_COMMENT)
	return 0;
      int rc = end_quote (p, frame, &datum);
      if (rc < 0)
	return rc;
    }
  p->tree->root = datum;
  return 1;
}

static int
open_frame (struct parser *p, enum frame_kind kind, const char *name)
{
  if (p->top == p->deepest)
    return -EINVAL;
  struct frame *frame = ++p->top;
  *frame = (struct frame) { .kind = kind, .name = name, .first = &nil };
  frame->rest = &frame->first;
  return 0;
}

static int
close_list (struct parser *p)
{
  struct frame *frame = p->top--;

  if (frame->dot == DOT || (frame->dot == TAIL && frame->kind == FRAME_VECTOR))
    return -EINVAL;
  if (frame->kind == FRAME_LIST)
    return deliver (p, frame->first);

  struct sexp *vector = sexp_make (p->tree, SEXP_VECTOR, false, frame->name,
				   frame->name + strlen (frame->name));
  if (vector == NULL)
    return -ENOMEM;
  vector->items = frame->first;
  return deliver (p, vector);
}

static void
skip_line (struct sexp_source *source)
{
  while (source->next < source->end && *source->next++ != '\n')
    ;
}

static void
skip_block (struct sexp_source *source)
{
  unsigned int depth = 0;
  do
    {
      bool open = source->next[0] == '#' && source->next[1] == '|';
      bool close = source->next[0] == '|' && source->next[1] == '#';
      depth += open;
      depth -= close;
      source->next += open || close ? 2 : 1;
    }
  while (depth > 0);
}

/* Is DATUM, which was just read, the dot before the tail of a list?  */
static bool
is_dot (const struct parser *p, const struct sexp *datum)
{
  return (datum->kind == SEXP_SYMBOL && !datum->exact && datum->length == 1
	  && datum->text[0] == '.' && p->source.next == datum->text + 1
	  && p->top->kind <= FRAME_VECTOR);
}

static int
parse_atom (struct parser *p)
{
  const struct sexp *datum;
  int rc = sexp_atom (&p->source, &datum);
  if (rc < 0)
    return rc;
  if (!is_dot (p, datum))
    return deliver (p, datum);
  if (p->top->dot != NO_DOT)
    return -EINVAL;
  p->top->dot = DOT;
  return 0;
}

static int
parse_quote (struct parser *p, bool syntax, char c)
{
  static const char *const names[2][4] = {
    { "quote", "quasiquote", "unquote", "unquote-splicing" },
    { "syntax", "quasisyntax", "unsyntax", "unsyntax-splicing" }
  };
  int which = c == '\'' ? 0 : c == '`' ? 1 : 2;
  p->source.next++;
  if (which == 2 && *p->source.next == '@')
    {
      p->source.next++;
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
  const char *prefix = p->source.next;
  int digits = 0;
  for (; *p->source.next != '('; p->source.next++)
    if (*p->source.next >= '0' && *p->source.next <= '9'
	&& ++digits > ARRAY_DIGITS_MAX)
      return -EINVAL;
  *p->source.next++ = '\0';
  return open_frame (p, FRAME_VECTOR, prefix);
}

static int
parse_hash (struct parser *p)
{
  char *next = p->source.next;
  switch (next[1])
    {
    case '|':
      skip_block (&p->source);
      return 0;
    case ';':
      p->source.next += 2;
      return open_frame (p, FRAME_COMMENT, NULL);
    case ':':
      p->source.next += 2;
      return open_frame (p, FRAME_QUOTE, NULL);
    case '\'': case '`': case ',':
      p->source.next++;
      return parse_quote (p, true, next[1]);
    case '(': case 's': case 'u': case 'c': case 'v': case '@':
    case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
      return parse_array (p);
    case 'f':
      if (next[2] == '3' || next[2] == '6')
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
  char c = *p->source.next;
  if (c == '\0')
    c = p->source.delimiter;
  switch (c)
    {
    case ' ': case '\n': case '\t': case '\r': case '\f':
      p->source.next++;
      return 0;
    case ';':
      p->source.next++;
      skip_line (&p->source);
      return 0;
    case '(': case '[':
      p->source.next++;
      return open_frame (p, FRAME_LIST, NULL);
    case ')': case ']':
      p->source.next++;
      return close_list (p);
    case '\'': case '`': case ',':
      return parse_quote (p, false, c);
    case '#':
      return parse_hash (p);
    default:
      return parse_atom (p);
    }
}

/* Read the datum that the text of TREE consists of.  */
static int
parse (struct sexp_tree *tree, size_t length)
{
  struct frame *frames = malloc ((1 + SEXP_DEPTH_MAX) * sizeof *frames);
  if (frames == NULL)
    return -ENOMEM;
  frames[0] = (struct frame) { .kind = FRAME_ROOT };
  struct parser p = {
    .source = { .tree = tree, .next = tree->text, .end = tree->text + length },
    .tree = tree, .top = frames, .deepest = frames + SEXP_DEPTH_MAX
  };
  int rc = 0;
  while (rc == 0 && p.source.next < p.source.end)
    rc = parse_step (&p);
  free (frames);
  return rc < 0 ? rc : rc == 0 ? -EINVAL : 0;
}

int
sexp_parse_taken (char *text, size_t length, struct sexp_tree **result)
{
  struct sexp_tree *tree = calloc (1, sizeof *tree);
  int rc = -ENOMEM;
  *result = NULL;
  if (tree == NULL)
    free (text);
  else
    {
      tree->text = text;
      rc = length > UINT32_MAX ? -EINVAL : parse (tree, length);
    }
  if (rc == 0)
    *result = tree;
  else
    sexp_free (tree);
  return rc;
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
  char *copy = strndup (text, used);
  return copy ? sexp_parse_taken (copy, used, result) : -ENOMEM;
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
      struct sexp_block *next = tree->blocks->next;
      free (tree->blocks);
      tree->blocks = next;
    }
  free (tree->text);
  free (tree);
}
