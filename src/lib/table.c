/* table.c -- a hash table from numbers to pointers.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "table.h"

#include <errno.h>
#include <stdlib.h>

#define TABLE_FIRST_BITS 4

void
table_init (struct table *table)
{
  table->slots = NULL;
  table->bits = 0;
  table->count = 0;
}

static size_t
table_size (const struct table *table)
{
  return table->slots == NULL ? 0 : (size_t) 1 << table->bits;
}

/* Where KEY would like to be: Fibonacci hashing.  */
static size_t
table_home (const struct table *table, uint64_t key)
{
  return (size_t) ((key * UINT64_C (0x9E3779B97F4A7C15))
		   >> (64 - table->bits));
}

/* The slot of KEY, or the free slot where it would go.  */
static struct table_slot *
table_slot (const struct table *table, uint64_t key)
{
  size_t mask = table_size (table) - 1;
  size_t i = table_home (table, key);
  while (table->slots[i].value != NULL && table->slots[i].key != key)
    i = (i + 1) & mask;
  return &table->slots[i];
}

void *
table_get (const struct table *table, uint64_t key)
{
  return table->slots == NULL ? NULL : table_slot (table, key)->value;
}

static int
table_resize (struct table *table, unsigned int bits)
{
  struct table larger = { .bits = bits, .count = table->count };
  larger.slots = calloc ((size_t) 1 << bits, sizeof *larger.slots);
  if (larger.slots == NULL)
    return -ENOMEM;
  for (size_t i = 0; i < table_size (table); i++)
    if (table->slots[i].value != NULL)
      *table_slot (&larger, table->slots[i].key) = table->slots[i];
  free (table->slots);
  *table = larger;
  return 0;
}

int
table_reserve (struct table *table, size_t more)
{
  /* At most three quarters full.  */
  unsigned int bits = table->slots == NULL ? TABLE_FIRST_BITS : table->bits;
  while (table->count + more > ((size_t) 3 << bits) / 4)
    bits++;
  if (table->slots != NULL && bits == table->bits)
    return 0;
  return table_resize (table, bits);
}

int
table_put (struct table *table, uint64_t key, void *value)
{
  int result = table_reserve (table, 1);
  if (result < 0)
    return result;
  struct table_slot *slot = table_slot (table, key);
  if (slot->value == NULL)
    table->count++;
  slot->key = key;
  slot->value = value;
  return 0;
}

void *
table_remove (struct table *table, uint64_t key)
{
  if (table->slots == NULL)
    return NULL;
  struct table_slot *slot = table_slot (table, key);
  void *value = slot->value;
  if (value == NULL)
    return NULL;
  table->count--;
  /* Move back what was displaced by the hole.  */
  size_t mask = table_size (table) - 1;
  size_t hole = (size_t) (slot - table->slots);
  for (size_t i = (hole + 1) & mask; table->slots[i].value != NULL;
       i = (i + 1) & mask)
    {
      size_t home = table_home (table, table->slots[i].key);
      if (((i - home) & mask) >= ((i - hole) & mask))
	{
	  table->slots[hole] = table->slots[i];
	  hole = i;
	}
    }
  table->slots[hole].value = NULL;
  return value;
}

void *
table_next (const struct table *table, size_t *position)
{
  while (*position < table_size (table))
    {
      void *value = table->slots[(*position)++].value;
      if (value != NULL)
	return value;
    }
  return NULL;
}

void
table_free (struct table *table)
{
  free (table->slots);
  table_init (table);
}
