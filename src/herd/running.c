/* running.c -- the running values of services.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "running.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

#include "i18n.h"
#include "report.h"

void
running_command (struct text *out, const struct sexp *command)
{
  sexp_for_each (cell, command)
    {
      if (cell != command)
	text_append_char (out, ' ');
      const char *word = sexp_text (cell->car);
      if (sexp_is (cell->car, SEXP_STRING)
	  && (*word == '\0' || strpbrk (word, " \t\n\v\f\r\\\"'()?!")))
	sexp_write (out, cell->car);
      else
	sexp_display (out, cell->car);
    }
}

static void
display_command (const struct display *display, const struct sexp *command)
{
  struct text text = TEXT_EMPTY;

  if (!sexp_is (command, SEXP_PAIR))
    return;
  running_command (&text, command);
  display_line (display, NULL, _("  Command: %s"), text_string (&text));
  text_free (&text);
}

void
running_list (const struct display *display, const char *label,
	      const struct sexp *list)
{
  struct text text = TEXT_EMPTY;

  if (!sexp_is (list, SEXP_PAIR))
    return;
  sexp_for_each (cell, list)
    {
      text_append_char (&text, ' ');
      sexp_display (&text, cell->car);
    }
  display_line (display, NULL, "  %s%s", label, text_string (&text));
  text_free (&text);
}

/* An IPv6 address is one integer of 128 bits.  */
static void
append_ipv6 (struct text *out, const struct sexp *number)
{
  unsigned char bytes[16] = { 0 };
  char buffer[INET6_ADDRSTRLEN];

  for (const char *p = number->text; *p >= '0' && *p <= '9'; p++)
    {
      unsigned int carry = (unsigned int) (*p - '0');
      for (int i = 15; i >= 0; i--)
	{
	  carry += bytes[i] * 10u;
	  bytes[i] = (unsigned char) carry;
	  carry >>= 8;
	}
    }
  inet_ntop (AF_INET6, bytes, buffer, sizeof buffer);
  text_append_string (out, buffer);
}

void
running_address (struct text *out, const struct sexp *address)
{
  const struct sexp *items
    = sexp_is (address, SEXP_VECTOR) ? address->items : NULL;
  const struct sexp *host = sexp_nth (items, 1);
  int64_t family = sexp_integer (sexp_car (items), -1);
  int64_t port = sexp_integer (sexp_nth (items, 2), 0);

  if (family == AF_UNIX && sexp_is (host, SEXP_STRING))
    text_append (out, host->text, host->length);
  else if (family == AF_INET && sexp_is (host, SEXP_NUMBER))
    {
      struct in_addr in
	= { .s_addr = htonl ((uint32_t) sexp_integer (host, 0)) };
      char buffer[INET_ADDRSTRLEN];
      inet_ntop (AF_INET, &in, buffer, sizeof buffer);
      text_printf (out, "%s:%" PRId64, buffer, port);
    }
  else if (family == AF_INET6 && sexp_is (host, SEXP_NUMBER))
    {
      text_append_char (out, '[');
      append_ipv6 (out, host);
      text_printf (out, "]:%" PRId64, port);
    }
  else if (address != NULL)
    sexp_write (out, address);
}

static void
display_endpoints (const struct display *display, const struct sexp *value,
		   bool names)
{
  sexp_for_each (cell, sexp_property (value, "endpoints"))
    {
      struct text text = TEXT_EMPTY;
      const char *name = sexp_text (sexp_property (cell->car, "name"));
      running_address (&text, sexp_property (cell->car, "address"));
      if (names)
	display_line (display, NULL, "    - %s (\"%s\")",
		      text_string (&text), name ? name : "");
      else
	display_line (display, NULL, "    - %s", text_string (&text));
      text_free (&text);
    }
}

static unsigned long
count_endpoints (const struct sexp *value)
{
  return sexp_length (sexp_property (value, "endpoints"));
}

static void
display_process (const struct display *display, const struct sexp *value)
{
  display_part (display, NULL, "%s", _("  Main PID: "));
  display_part (display, COLOR_BOLD, "%" PRId64,
		sexp_integer (sexp_property (value, "id"), 0));
  display_line (display, NULL, "%s", "");
  display_command (display, sexp_property (value, "command"));
}

static void
display_inetd (const struct display *display, const struct sexp *value)
{
  unsigned long count = count_endpoints (value);
  display_line (display, NULL,
		P_("  Inetd-style service listening on %lu endpoint:",
		   "  Inetd-style service listening on %lu endpoints:",
		   count), count);
  display_endpoints (display, value, false);
  display_command (display, sexp_property (value, "command"));
  running_list (display, _("Connections:"),
		sexp_property (value, "connections"));
}

static void
display_systemd (const struct display *display, const struct sexp *value)
{
  unsigned long count = count_endpoints (value);
  display_line (display, NULL,
		P_("  Systemd-style service listening on %lu endpoint:",
		   "  Systemd-style service listening on %lu endpoints:",
		   count), count);
  display_endpoints (display, value, true);
  display_command (display, sexp_property (value, "command"));
}

static void
display_system_log (const struct display *display, const struct sexp *value)
{
  unsigned long count = count_endpoints (value);
  const char *file = sexp_text (sexp_property (value, "kernel-log-file"));
  display_line (display, NULL,
		P_("  System log listening on %lu endpoint:",
		   "  System log listening on %lu endpoints:",
		   count), count);
  display_endpoints (display, value, true);
  display_line (display, NULL, _("  Kernel log file: %s"), file ? file : "-");
}

static void
display_other (const struct display *display, const struct sexp *value)
{
  struct text text = TEXT_EMPTY;
  sexp_write (&text, value);
  display_line (display, NULL, _("  Running value is %s."),
		text_string (&text));
  text_free (&text);
}

static const struct
{
  const char *tag;
  void (*show) (const struct display *display, const struct sexp *value);
} shows[] = {
  { "process", display_process },
  { "inetd-service", display_inetd },
  { "systemd-service", display_systemd },
  { "system-log", display_system_log },
};

void
running_display (const struct display *display, const struct sexp *value)
{
  for (size_t i = 0; i < sizeof shows / sizeof *shows; i++)
    if (sexp_is_record (value, shows[i].tag))
      {
	shows[i].show (display, value);
	return;
      }
  display_other (display, value);
}
