/* alone.c -- run a fuzz target without libFuzzer.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   NAME-fuzz [-m COUNT] [-s SEED] FILE...  runs the target on each FILE, and
   on COUNT random mutations of it.  A directory stands for the files in it.
   An input that kills the target is in the file "fuzz-input" then, in the
   working directory.  (Sanitizers kill by a signal if told to.)  */

#include <config.h>

#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define INPUT_MAX 65536

/* No input may take longer.  */
#define INPUT_SECONDS 20

struct run
{
  long mutations;
  uint64_t state;		/* of the random numbers */
  unsigned long inputs;
};

/* What the target is given.  */
static const uint8_t *input_bytes;
static size_t input_size;

/* Save the input, and die of the signal all the same.  */
static void
save_input (int signum)
{
  int fd = open ("fuzz-input", O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (fd >= 0 && write (fd, input_bytes, input_size) >= 0)
    close (fd);
  raise (signum);
}

static void
catch_death (void)
{
  static const int signals[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGALRM };
  struct sigaction action = { .sa_handler = save_input,
    .sa_flags = (int) SA_RESETHAND | SA_NODEFER };
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
    sigaction (signals[i], &action, NULL);
}

/* Run the target on an exact copy of the bytes, so that a read past their
   end can be seen.  */
static void
run_input (struct run *run, const uint8_t *bytes, size_t size)
{
  uint8_t *copy = malloc (size > 0 ? size : 1);
  fuzz_expect (copy != NULL);
  memcpy (copy, bytes, size);
  input_bytes = copy;
  input_size = size;
  alarm (INPUT_SECONDS);
  LLVMFuzzerTestOneInput (copy, size);
  run->inputs++;
  free (copy);
}

/* Move the bytes from AT on to TO, both before the end.  */
static size_t
move (uint8_t *bytes, size_t size, size_t at, size_t to)
{
  memmove (bytes + to, bytes + at, size - at);
  return size - at + to;
}

/* Change BYTES, of which there are SIZE and may be twice as many, at one
   place.  The new size.  */
static size_t
mutate (struct run *run, uint8_t *bytes, size_t size)
{
  static const uint8_t odd[] = { 0, '(', ')', '"', '\\', '#', '|', ' ', '\n',
				 '\r', '9', '-', '=', 0x7f, 0x80, 0xc3, 0xf4,
				 0xff };
  uint64_t choice = fuzz_next (&run->state);
  size_t at = fuzz_next (&run->state) % (size + 1);
  size_t length = fuzz_next (&run->state) % 16;
  if (length > size - at)
    length = size - at;
  switch (choice % 5)
    {
    case 0:
      return move (bytes, size, at + length, at);
    case 1:
      return move (bytes, size, at, at + length);
    case 2:
      move (bytes, size, at, at + 1);
      bytes[at] = odd[choice / 5 % sizeof odd];
      return size + 1;
    default:
      if (at < size)
	bytes[at] = choice % 5 == 3 ? odd[choice / 5 % sizeof odd]
	  : bytes[at] ^ (uint8_t) (1u << choice / 5 % 8);
      return size;
    }
}

static void
run_file (struct run *run, const char *name)
{
  static uint8_t original[INPUT_MAX], bytes[2 * INPUT_MAX];
  FILE *file = fopen (name, "r");
  if (file == NULL)
    {
      perror (name);
      exit (EXIT_FAILURE);
    }
  size_t size = fread (original, 1, sizeof original, file);
  fclose (file);
  run_input (run, original, size);
  for (long i = 0; i < run->mutations; i++)
    {
      memcpy (bytes, original, size);
      size_t mutated = size;
      for (uint64_t n = 1 + fuzz_next (&run->state) % 4; n > 0; n--)
	mutated = mutate (run, bytes, mutated);
      run_input (run, bytes, mutated);
    }
}

static void
run_path (struct run *run, const char *name)
{
  struct dirent **entries;
  int count = scandir (name, &entries, NULL, alphasort);
  if (count < 0)
    {
      run_file (run, name);
      return;
    }
  for (int i = 0; i < count; i++)
    {
      char path[4096];
      snprintf (path, sizeof path, "%s/%s", name, entries[i]->d_name);
      if (entries[i]->d_name[0] != '.')
	run_file (run, path);
      free (entries[i]);
    }
  free (entries);
}

int
main (int argc, char **argv)
{
  struct run run = { .state = 1 };
  int letter;
  while ((letter = getopt (argc, argv, "m:s:")) != -1)
    if (letter == 'm')
      run.mutations = strtol (optarg, NULL, 10);
    else if (letter == 's')
      run.state = strtoull (optarg, NULL, 10) | 1;
    else
      return EXIT_FAILURE;
  catch_death ();
  for (; optind < argc; optind++)
    run_path (&run, argv[optind]);
  printf ("%s: %lu inputs\n", argv[0], run.inputs);
  return run.inputs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
