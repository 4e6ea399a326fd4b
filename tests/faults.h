/* faults.h -- system calls and allocations that fail when told to.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   To be linked with --wrap for each of them, see tests/local.mk.  */

#ifndef FAULTS_H
#define FAULTS_H

#include <stdbool.h>

enum fault
{
  FAULT_ACCEPT,
  FAULT_ALLOCATE,
  FAULT_CLONE,
  FAULT_CLOSE,
  FAULT_CONNECT,
  FAULT_EPOLL_ADD,
  FAULT_EPOLL_CHANGE,
  FAULT_EPOLL_WAIT,
  FAULT_FALLOCATE,
  FAULT_FCNTL,
  FAULT_KILL,
  FAULT_MREMAP,
  FAULT_OPEN,
  FAULT_PEER,
  FAULT_PIDFD,
  FAULT_PIPE,
  FAULT_POLL,
  FAULT_READ,
  FAULT_RECEIVE,
  FAULT_RENAME,
  FAULT_RING,			/* of a mailbox's bell */
  FAULT_SEND,
  FAULT_SOCKET,
  FAULT_WAIT,
  FAULT_WRITE_FILE,
  FAULT_COUNT
};

extern const char *const fault_names[FAULT_COUNT];

/* What FAULT may give, ended by 0.  EAGAIN of blocking calls and what only
   wrong arguments bring is left out.  */
const int *fault_errors (enum fault fault);

/* From now on, the NTH FAULT in a thread other than this one fails with
   ERROR.  */
void fault_arm (enum fault fault, int error, int nth);

/* No longer.  Whether it did.  */
bool fault_disarm (void);

#endif
