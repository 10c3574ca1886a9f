// Counts the allocations of the calling thread, and what the process has in use.
#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdint.h>

/// Calls of malloc and its relatives that the calling thread has made so far.
uint64_t allocation_count(void);

/// Bytes of the heap that the process has in use.
uint64_t heap_bytes(void);

#endif
