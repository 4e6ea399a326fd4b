/* report.c -- the table, or JSON, that shows samples.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
samples_add (struct samples *samples, double value)
{
  samples->values[samples->count++] = value;
}

static int
samples_compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

/* The sample below which the part PART of all lies.  */
static double
samples_quantile (struct samples *samples, double part)
{
  qsort (samples->values, samples->count, sizeof *samples->values,
	 samples_compare);
  return samples->values[(size_t) (part * (samples->count - 1) + 0.5)];
}

void
report_row (struct report *report, const char *name, const char *unit,
	    struct samples *ours, const char *reference,
	    struct samples *theirs)
{
  double median = samples_quantile (ours, 0.5);
  double low = samples_quantile (ours, 0.25);
  double high = samples_quantile (ours, 0.75);
  double other = reference ? samples_quantile (theirs, 0.5) : 0;

  if (report->rows++ == 0 && !report->json)
    printf ("%-34s %9s %19s %-5s %9s %6s\n", "", "median", "quartiles", "",
	    "reference", "ratio");
  if (report->json)
    printf ("%s\n  {\"name\": \"%s\", \"unit\": \"%s\", \"count\": %zu, "
	    "\"median\": %.9g, \"low\": %.9g, \"high\": %.9g",
	    report->rows > 1 ? "," : "[", name, unit, ours->count, median,
	    low, high);
  else
    printf ("%-34s %9.4g %9.4g-%9.4g %-5s", name, median, low, high, unit);
  if (reference != NULL)
    printf (report->json ? ", \"reference_median\": %.9g, \"ratio\": %.4g, "
	    "\"reference\": \"%s\"" : " %9.4g %6.2f  %s", other,
	    median / other, reference);
  printf (report->json ? "}" : "\n");
  fflush (stdout);
}

void
report_failure (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  fputs ("bench: ", stderr);
  vfprintf (stderr, format, arguments);
  fputc ('\n', stderr);
  exit (EXIT_FAILURE);
}
