/* sexp-scan.c -- find the end of a Scheme datum that arrives in pieces.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   A state machine over bytes, and a stack with two bits for each open
   parenthesis, quote and datum comment.  A quote waits for one datum and is
   then part of it; a datum comment waits for one datum and swallows it.  */

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
  HASH_ATOM,			/* #t, #x1F, #*01: ends as ATOM does */
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
  OPEN_PARENTHESIS,
  OPEN_BRACKET,
  OPEN_QUOTE,
  OPEN_COMMENT
};

void
sexp_scan_init (struct sexp_scanner *scanner)
{
  memset (scanner, 0, sizeof *scanner);
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
  unsigned int shift = s->depth % 4 * 2;
  unsigned char *slot = &s->stack[s->depth / 4];
  *slot = (unsigned char) ((*slot & ~(3u << shift)) | (unsigned) what << shift);
  s->depth++;
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

static enum scan_open
open_top (const struct sexp_scanner *s)
{
  unsigned int top = s->depth - 1;
  return s->stack[top / 4] >> (top % 4 * 2) & 3;
}

/* A datum ended: so do the quotes before it, and one datum comment.  */
static enum sexp_scan_result
datum_end (struct sexp_scanner *s)
{
  s->state = BETWEEN;
  while (s->depth > 0 && open_top (s) == OPEN_QUOTE)
    s->depth--;
  if (s->depth == 0)
    return SEXP_COMPLETE;
  if (open_top (s) == OPEN_COMMENT)
    s->depth--;
  return SEXP_MORE;
}

static enum sexp_scan_result
list_end (struct sexp_scanner *s, enum scan_open what)
{
  if (s->depth == 0 || open_top (s) != what)
    return SEXP_ERROR;
  s->depth--;
  return datum_end (s);
}

bool
sexp_delimiter (unsigned char c)
{
  return (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f'
	  || c == '(' || c == ')' || c == '[' || c == ']' || c == '"'
	  || c == ';');
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
  s->hash[0] = c;
  s->hash[1] = 0;
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

/* Read C.  *AGAIN tells that an atom ended before C, which is still to be
   read.  */
static enum sexp_scan_result
scan_byte (struct sexp_scanner *s, unsigned char c, bool *again)
{
  switch ((enum scan_state) s->state)
    {
    case BETWEEN:
      return scan_between (s, c);
    case COMMA:
      s->state = BETWEEN;
      return c == '@' ? SEXP_MORE : scan_between (s, c);
    case LINE_COMMENT:
      if (c == '\n')
	s->state = BETWEEN;
      return SEXP_MORE;
    case HASH_ATOM:
      if (s->hash[0] == 'f' && s->hash[1] == 0 && (c == '3' || c == '6'))
	s->state = HASH_ARRAY;
      s->hash[1] = c;
      /* Fall through.  */
    case ATOM:
      if (!sexp_delimiter (c))
	return SEXP_MORE;
      *again = true;
      return datum_end (s);
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
  return SEXP_ERROR;
}

/* Check that C may come next in UTF-8 text without NUL.  */
static bool
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

enum sexp_scan_result
sexp_scan (struct sexp_scanner *scanner, const char *bytes, size_t length,
	   size_t *used)
{
  *used = 0;
  for (size_t i = 0; i < length && scanner->result == SEXP_MORE; )
    {
      unsigned char c = (unsigned char) bytes[i];
      bool again = false;
      if ((c >= 0x80 || scanner->utf8_left > 0 || c == 0)
	  && !utf8_check (scanner, c))
	scanner->result = SEXP_ERROR;
      else
	scanner->result = (unsigned char) scan_byte (scanner, c, &again);
      if (!again)
	i++;
      *used = i;
    }
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
