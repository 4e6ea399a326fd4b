/* names.c -- a hash table from names to pointers.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Names with the same hash are chained.  */
struct names_entry
{
  struct names_entry *next;
  void *value;
  char name[];
};

void
names_init (struct names *names)
{
  table_init (&names->table);
}

/* FNV-1a.  */
static uint64_t
names_hash (const char *name)
{
  uint64_t hash = UINT64_C (0xcbf29ce484222325);
  for (; *name != '\0'; name++)
    hash = (hash ^ (unsigned char) *name) * UINT64_C (0x100000001b3);
  return hash;
}

static struct names_entry *
names_find (const struct names *names, const char *name)
{
  struct names_entry *entry = table_get (&names->table, names_hash (name));
  while (entry != NULL && strcmp (entry->name, name) != 0)
    entry = entry->next;
  return entry;
}

void *
names_get (const struct names *names, const char *name)
{
  const struct names_entry *entry = names_find (names, name);
  return entry == NULL ? NULL : entry->value;
}

int
names_put (struct names *names, const char *name, void *value)
{
  struct names_entry *entry = names_find (names, name);
  if (entry != NULL)
    {
      entry->value = value;
      return 0;
    }
  size_t size = strlen (name) + 1;
  entry = malloc (sizeof *entry + size);
  if (entry == NULL)
    return -ENOMEM;
  uint64_t hash = names_hash (name);
  memcpy (entry->name, name, size);
  entry->value = value;
  entry->next = table_get (&names->table, hash);
  int result = table_put (&names->table, hash, entry);
  if (result < 0)
    free (entry);
  return result;
}

void
names_remove (struct names *names, const char *name, const void *value)
{
  uint64_t hash = names_hash (name);
  struct names_entry *head = table_get (&names->table, hash);
  struct names_entry **link = &head;
  while (*link != NULL && strcmp ((*link)->name, name) != 0)
    link = &(*link)->next;
  struct names_entry *entry = *link;
  if (entry == NULL || entry->value != value)
    return;
  *link = entry->next;
  free (entry);
  if (head == NULL)
    table_remove (&names->table, hash);
  else
    table_put (&names->table, hash, head);	/* has a slot: cannot fail */
}

void
names_free (struct names *names)
{
  struct names_entry *entry;
  for (size_t i = 0; (entry = table_next (&names->table, &i)) != NULL;)
    while (entry != NULL)
      {
	struct names_entry *next = entry->next;
	free (entry);
	entry = next;
      }
  table_free (&names->table);
}
