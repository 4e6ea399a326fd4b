/* sexp-scan.c -- find the end of a Scheme datum that arrives in pieces.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   A state machine over bytes, and a stack with a byte for each open
   parenthesis, quote and datum comment.  A quote waits for one datum and is
   then part of it; a datum comment waits for one datum and swallows it.  Most
   bytes are within blanks, atoms and strings: those are skipped in runs.  */

#include <config.h>
#include "sexp-atom.h"

#include <string.h>

enum scan_state
{
  BETWEEN,			/* before a datum, or inside a list */
  COMMA,			/* after , or #, which @ may follow */
  LINE_COMMENT,
  ATOM,
  STRING,
  STRING_ESCAPE,
  HASH,				/* after # */
  HASH_ATOM,			/* #t, #x1F, #*01: after two characters */
  HASH_ARRAY,			/* #u8, #2@1: a `(' must follow */
  CHARACTER,			/* after #\ */
  EXTENDED,			/* inside #{ }# */
  EXTENDED_ESCAPE,
  EXTENDED_BRACE,		/* after } */
  BLOCK_COMMENT,
  BLOCK_HASH,			/* after # */
  BLOCK_BAR			/* after | */
};

enum scan_open
{
  OPEN_NOTHING,			/* at the bottom of the stack */
  OPEN_PARENTHESIS,
  OPEN_BRACKET,
  OPEN_QUOTE,
  OPEN_COMMENT
};

#define WHITE (SEXP_BLANK | SEXP_DELIMITER | SEXP_IN_STRING)
#define LIMIT (SEXP_DELIMITER | SEXP_IN_STRING)
#define QUOTE (SEXP_IN_ATOM | SEXP_IN_STRING)
#define PLAIN (QUOTE | SEXP_BEGINS_ATOM)
#define DIGIT (PLAIN | SEXP_IN_NUMBER)

/* Neither NUL nor what is not ASCII is in any run.  */
const unsigned char sexp_bytes[256] = {
  [0x01 ... 0x08] = PLAIN, ['\t'] = WHITE, ['\n'] = WHITE, ['\v'] = PLAIN,
  ['\f'] = WHITE, ['\r'] = WHITE, [0x0e ... 0x1f] = PLAIN, [' '] = WHITE,
  ['!'] = PLAIN, ['"'] = SEXP_DELIMITER, ['#'] = QUOTE, ['$' ... '&'] = PLAIN,
  ['\''] = QUOTE, ['('] = LIMIT, [')'] = LIMIT, ['*'] = PLAIN, ['+'] = DIGIT,
  [','] = QUOTE, ['-'] = DIGIT, ['.'] = DIGIT, ['/'] = PLAIN,
  ['0' ... '9'] = DIGIT, [':'] = PLAIN, [';'] = LIMIT, ['<' ... 'Z'] = PLAIN,
  ['['] = LIMIT, ['\\'] = SEXP_IN_ATOM | SEXP_BEGINS_ATOM, [']'] = LIMIT,
  ['^' ... '_'] = PLAIN, ['`'] = QUOTE, ['a' ... 0x7f] = PLAIN
};

/* The bytes that leave a state as it is.  */
static const unsigned char scan_runs[] = {
  [BETWEEN] = SEXP_BLANK, [ATOM] = SEXP_IN_ATOM, [STRING] = SEXP_IN_STRING,
  [BLOCK_BAR] = 0
};

void
sexp_scan_init (struct sexp_scanner *scanner)
{
  /* What is above the top of the stack does not matter.  */
  memset (scanner, 0, offsetof (struct sexp_scanner, stack));
  scanner->stack[0] = OPEN_NOTHING;
  scanner->state = BETWEEN;
  scanner->result = SEXP_MORE;
}

bool
sexp_scan_blank (const struct sexp_scanner *scanner)
{
  return (scanner->result == SEXP_MORE && scanner->depth == 0
	  && (scanner->state == BETWEEN || scanner->state == LINE_COMMENT
	      || scanner->state >= BLOCK_COMMENT));
}

static enum sexp_scan_result
open_push (struct sexp_scanner *s, enum scan_open what)
{
  if (s->depth == SEXP_DEPTH_MAX)
    return SEXP_ERROR;
  s->stack[++s->depth] = (unsigned char) what;
  s->state = BETWEEN;
  return SEXP_MORE;
}

static enum sexp_scan_result
open_comma (struct sexp_scanner *s)
{
  enum sexp_scan_result result = open_push (s, OPEN_QUOTE);
  s->state = COMMA;
  return result;
}

/* A datum ended: so do the quotes before it, and one datum comment.  */
static enum sexp_scan_result
datum_end (struct sexp_scanner *s)
{
  s->state = BETWEEN;
  while (s->stack[s->depth] == OPEN_QUOTE)
    s->depth--;
  if (s->stack[s->depth] == OPEN_COMMENT)
    s->depth--;
  else if (s->depth == 0)
    return SEXP_COMPLETE;
  return SEXP_MORE;
}

static enum sexp_scan_result
list_end (struct sexp_scanner *s, enum scan_open what)
{
  if (s->stack[s->depth] != what)
    return SEXP_ERROR;
  s->depth--;
  return datum_end (s);
}

static enum sexp_scan_result
scan_between (struct sexp_scanner *s, unsigned char c)
{
  switch (c)
    {
    case ' ': case '\n': case '\t': case '\r': case '\f':
      return SEXP_MORE;
    case ';':
      s->state = LINE_COMMENT;
      return SEXP_MORE;
    case '(':
      return open_push (s, OPEN_PARENTHESIS);
    case '[':
      return open_push (s, OPEN_BRACKET);
    case ')':
      return list_end (s, OPEN_PARENTHESIS);
    case ']':
      return list_end (s, OPEN_BRACKET);
    case '\'': case '`':
      return open_push (s, OPEN_QUOTE);
    case ',':
      return open_comma (s);
    case '"':
      s->state = STRING;
      return SEXP_MORE;
    case '#':
      s->state = HASH;
      return SEXP_MORE;
    default:
      s->state = ATOM;
      return SEXP_MORE;
    }
}

static enum sexp_scan_result
scan_hash (struct sexp_scanner *s, unsigned char c)
{
  s->hash = c;
  switch (c)
    {
    case '(':
      return open_push (s, OPEN_PARENTHESIS);
    case ';':
      return open_push (s, OPEN_COMMENT);
    case '\'': case '`': case ':':
      return open_push (s, OPEN_QUOTE);
    case ',':
      return open_comma (s);
    case '|':
      s->comments = 1;
      s->state = BLOCK_COMMENT;
      return SEXP_MORE;
    case '{':
      s->state = EXTENDED;
      return SEXP_MORE;
    case '\\':
      s->state = CHARACTER;
      return SEXP_MORE;
    case 's': case 'u': case 'c': case 'v': case '@':
      s->state = HASH_ARRAY;
      return SEXP_MORE;
    default:
      if (c >= '0' && c <= '9')
	s->state = HASH_ARRAY;
      else if (c != 0 && strchr ("tTfFn*ieIEbBoOdDxX", c) != NULL)
	s->state = HASH_ATOM;
      else
	return SEXP_ERROR;
      return SEXP_MORE;
    }
}

static enum sexp_scan_result
scan_array (struct sexp_scanner *s, unsigned char c)
{
  if (c == '(')
    return open_push (s, OPEN_PARENTHESIS);
  return sexp_delimiter (c) ? SEXP_ERROR : SEXP_MORE;
}

static enum sexp_scan_result
scan_block (struct sexp_scanner *s, unsigned char c)
{
  if (s->state == BLOCK_HASH && c == '|')
    {
      s->comments++;
      s->state = BLOCK_COMMENT;
    }
  else if (s->state == BLOCK_BAR && c == '#')
    s->state = --s->comments == 0 ? BETWEEN : BLOCK_COMMENT;
  else
    s->state = c == '#' ? BLOCK_HASH : c == '|' ? BLOCK_BAR : BLOCK_COMMENT;
  return SEXP_MORE;
}

static enum sexp_scan_result
scan_extended (struct sexp_scanner *s, unsigned char c)
{
  if (s->state == EXTENDED_BRACE && c == '#')
    return datum_end (s);
  if (s->state == EXTENDED_ESCAPE)
    s->state = EXTENDED;
  else
    s->state = (c == '\\' ? EXTENDED_ESCAPE
		: c == '}' ? EXTENDED_BRACE : EXTENDED);
  return SEXP_MORE;
}

/* Read C.  *AGAIN tells that the datum was an atom that ended before C.  */
static enum sexp_scan_result
scan_byte (struct sexp_scanner *s, unsigned char c, bool *again)
{
  switch ((enum scan_state) s->state)
    {
    case HASH_ATOM:
      s->state = s->hash == 'f' && (c == '3' || c == '6') ? HASH_ARRAY : ATOM;
      /* Fall through.  */
    case ATOM:
      if (!sexp_delimiter (c))
	return SEXP_MORE;
      if (datum_end (s) == SEXP_COMPLETE)
	{
	  *again = true;
	  return SEXP_COMPLETE;
	}
      break;
    case COMMA:
      s->state = BETWEEN;
      if (c == '@')
	return SEXP_MORE;
      break;
    case BETWEEN:
      break;
    case LINE_COMMENT:
      if (c == '\n')
	s->state = BETWEEN;
      return SEXP_MORE;
    case STRING:
      if (c == '"')
	return datum_end (s);
      if (c == '\\')
	s->state = STRING_ESCAPE;
      return SEXP_MORE;
    case STRING_ESCAPE:
      s->state = STRING;
      return SEXP_MORE;
    case HASH:
      return scan_hash (s, c);
    case HASH_ARRAY:
      return scan_array (s, c);
    case CHARACTER:
      if (sexp_delimiter (c))
	return datum_end (s);
      s->state = ATOM;
      return SEXP_MORE;
    case EXTENDED: case EXTENDED_ESCAPE: case EXTENDED_BRACE:
      return scan_extended (s, c);
    case BLOCK_COMMENT: case BLOCK_HASH: case BLOCK_BAR:
      return scan_block (s, c);
    }
  return scan_between (s, c);
}

/* Check that C may come next in UTF-8 text without NUL.  */
static bool __attribute__ ((noinline))
utf8_check (struct sexp_scanner *s, unsigned char c)
{
  if (s->utf8_left > 0)
    {
      if (c < s->utf8_low || c > s->utf8_high)
	return false;
      s->utf8_left--;
      s->utf8_low = 0x80;
      s->utf8_high = 0xbf;
      return true;
    }
  if (c < 0x80)
    return c != 0;
  if (c < 0xc2 || c > 0xf4)
    return false;
  s->utf8_left = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
  /* No overlong forms, no surrogates, nothing past U+10FFFF.  */
  s->utf8_low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
  s->utf8_high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
  return true;
}

/* Read what most of the text is, lists of plain atoms in a list, as far as
   such goes; return where it ends.  All else is for scan_byte.  */
static const unsigned char *
scan_lists (struct sexp_scanner *s, const unsigned char *p,
	    const unsigned char *end)
{
  unsigned char *top = &s->stack[s->depth], *bottom = &s->stack[1];

  while (p < end && *top == OPEN_PARENTHESIS)
    {
      const unsigned char *start = p;
      if (*p == '(' && top < &s->stack[SEXP_DEPTH_MAX])
	{
	  *++top = OPEN_PARENTHESIS;
	  p++;
	}
      else if (*p == ')' && top > bottom && top[-1] == OPEN_PARENTHESIS)
	{
	  top--;
	  p++;
	}
      else if (sexp_bytes[*p] & SEXP_BLANK)
	p++;
      else if (sexp_bytes[*p] & SEXP_BEGINS_ATOM)
	{
	  while (p < end && (sexp_bytes[*p] & SEXP_IN_ATOM))
	    p++;
	  if (p == end || !sexp_delimiter (*p))
	    p = start;
	}
      if (p == start)
	break;
    }
  s->depth = (unsigned int) (top - s->stack);
  return p;
}

enum sexp_scan_result
sexp_scan (struct sexp_scanner *scanner, const char *bytes, size_t length,
	   size_t *used)
{
  const unsigned char *start = (const unsigned char *) bytes;
  const unsigned char *p = start, *end = start + length;
  bool again = false;

  while (scanner->result == SEXP_MORE)
    {
      unsigned char run = scanner->utf8_left > 0 ? 0
	: scan_runs[scanner->state];
      if (scanner->state == BETWEEN)
	p = scan_lists (scanner, p, end);
      while (p < end && (sexp_bytes[*p] & run))
	p++;
      if (p == end)
	break;
      unsigned char c = *p++;
      if ((scanner->utf8_left > 0 || sexp_bytes[c] == 0)
	  && !utf8_check (scanner, c))
	scanner->result = SEXP_ERROR;
      else
	scanner->result = (unsigned char) scan_byte (scanner, c, &again);
    }
  *used = (size_t) (p - start) - again;
  return scanner->result;
}

enum sexp_scan_result
sexp_scan_end (struct sexp_scanner *scanner)
{
  if (scanner->result == SEXP_MORE)
    {
      bool atom = ((scanner->state == ATOM || scanner->state == HASH_ATOM)
		   && scanner->utf8_left == 0);
      scanner->result = (atom && datum_end (scanner) == SEXP_COMPLETE
			 ? SEXP_COMPLETE : SEXP_ERROR);
    }
  return scanner->result;
}
