// Counts the allocations of the calling thread.
#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdint.h>

/// Calls of malloc and its relatives that the calling thread has made so far.
uint64_t allocation_count(void);

#endif
