// Hot: what the processor and the kernel offer in a few instructions, and Swift has no words for.
//
// Nothing here is kept across a suspension of a task: the thread is asked anew at each call.
#ifndef TELEMETRY_MACHINE_H
#define TELEMETRY_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// MARK: The cycle counter

/// Reads the counter of the processor, which runs at a constant rate where the kernel says so.
///
/// 0 on processors for which nothing is written here. It is not ordered with the instructions around it.
static inline uint64_t telemetry_machine_cycles(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t count;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(count));
    return count;
#else
    return 0;
#endif
}

// MARK: The thread and its processor

/// The part of the kernel's `struct rseq` that is read here (linux/rseq.h); each thread has one.
struct telemetry_machine_rseq {
    uint32_t start_processor;
    /// Negative as a signed number while the kernel does not keep it.
    int32_t processor;
    uint64_t critical_section;
};

#if defined(__linux__)
// glibc registers the area of each thread from 2.35 on; other libraries and versions have no such symbols.
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned int __rseq_size __attribute__((weak));
#endif

/// Returns where a thread's `struct rseq` lies from its thread pointer; 0 if the C library has registered none.
static inline ptrdiff_t telemetry_machine_rseq_offset(void) {
#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
    if (&__rseq_offset != NULL && &__rseq_size != NULL && __rseq_size != 0) return __rseq_offset;
#endif
    return 0;
}

/// Returns the number of the processor that the thread runs on; negative if the kernel does not tell this thread.
///
/// Two instructions, where `sched_getcpu` takes thirty. The offset is that of ``telemetry_machine_rseq_offset``, and not 0.
static inline int32_t telemetry_machine_processor(ptrdiff_t rseq_offset) {
    // Volatile: a task may go on with another thread, and then must not find the number of the former one.
#if defined(__x86_64__)
    typedef const volatile struct telemetry_machine_rseq __attribute__((address_space(257))) area;  // 257: relative to `fs`.
    return ((area *)rseq_offset)->processor;
#elif defined(__aarch64__)
    uintptr_t thread;
    __asm__ volatile("mrs %0, tpidr_el0" : "=r"(thread));
    return ((const volatile struct telemetry_machine_rseq *)(thread + (uintptr_t)rseq_offset))->processor;
#else
    (void)rseq_offset;
    return -1;
#endif
}

/// Returns a number that no other thread has while this one lives; 0 on processors for which nothing is written here.
static inline uintptr_t telemetry_machine_thread(void) {
#if defined(__x86_64__) && defined(__linux__)
    return *(const volatile uintptr_t __attribute__((address_space(257))) *)0;  // The thread pointer points to itself.
#elif defined(__aarch64__)
    uintptr_t thread;
    __asm__ volatile("mrs %0, tpidr_el0" : "=r"(thread));
    return thread;
#else
    return 0;
#endif
}

// MARK: A number of each thread

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
/// How many sections the thread is in. It is at the same place from the thread pointer in each thread, which this model of access ensures.
extern _Thread_local intptr_t telemetry_machine_section_depth __attribute__((tls_model("initial-exec")));
#endif

/// Returns where the number of a thread lies from its thread pointer; 0 on processors for which nothing is written here.
static inline ptrdiff_t telemetry_machine_depth_offset(void) {
#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
    return (ptrdiff_t)((uintptr_t)&telemetry_machine_section_depth - telemetry_machine_thread());
#else
    return 0;
#endif
}

/// Returns the number of the calling thread. The offset is that of ``telemetry_machine_depth_offset``, and not 0.
///
/// One instruction, where `pthread_getspecific` and `pthread_setspecific` take 10 and 35. Volatile: a task may go on with another thread.
static inline intptr_t telemetry_machine_depth(ptrdiff_t offset) {
#if defined(__x86_64__)
    return *(const volatile intptr_t __attribute__((address_space(257))) *)offset;
#else
    return *(const volatile intptr_t *)(telemetry_machine_thread() + (uintptr_t)offset);
#endif
}

/// Sets the number of the calling thread.
static inline void telemetry_machine_set_depth(ptrdiff_t offset, intptr_t depth) {
#if defined(__x86_64__)
    *(volatile intptr_t __attribute__((address_space(257))) *)offset = depth;
#else
    *(volatile intptr_t *)(telemetry_machine_thread() + (uintptr_t)offset) = depth;
#endif
}

// MARK: Memory

/// Fetches the cache line of an address that is read soon.
static inline void telemetry_machine_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

/// Fetches the cache line of an address that is written soon.
static inline void telemetry_machine_prefetch_for_writing(const void *address) { __builtin_prefetch(address, 1, 3); }

// MARK: Adding on a processor of one's own

/// A sum that only threads on one processor add to, and how many additions are left until one has to look elsewhere.
struct telemetry_machine_sum {
    int64_t sum;
    int64_t remaining;
};

/// True if ``telemetry_machine_add_on_processor`` is written for this processor.
static inline bool telemetry_machine_has_restartable_sequences(void) {
#if defined(__linux__) && defined(__x86_64__)
    return telemetry_machine_rseq_offset() != 0;
#else
    return false;
#endif
}

/// Adds a number to the sum of the present processor without a locked instruction; returns false if it was not added.
///
/// It is a restartable sequence: if the thread is moved, preempted or interrupted by a signal before the addition, the kernel has it go on
/// at the abort. So no other thread of the processor adds in between, and no update is lost as long as nothing else writes the sum.
/// `remaining` is a hint: a count may be lost where another thread sets it. (Linux: tools/testing/selftests/rseq.)
///
/// - `sums`: one for each processor number below `count`.
static inline bool telemetry_machine_add_on_processor(
    ptrdiff_t rseq_offset, struct telemetry_machine_sum *const *sums, uint32_t count, int64_t number
) {
#if defined(__linux__) && defined(__x86_64__)
    __asm__ goto volatile(
        // The description of the sequence: version, flags, beginning, length, where to go on.
        ".pushsection __rseq_cs, \"aw\"\n\t"
        ".balign 32\n\t"
        "3: .long 0, 0\n\t"
        ".quad 1f, 2f - 1f, 4f\n\t"
        ".popsection\n\t"
        "leaq 3b(%%rip), %%rax\n\t"
        "movq %%rax, %%fs:8(%[offset])\n\t"
        "1:\n\t"
        "movl %%fs:4(%[offset]), %%eax\n\t"
        "cmpl %[count], %%eax\n\t"  // A thread that is not registered has a negative number.
        "jae %l[refused]\n\t"
        "movq (%[sums], %%rax, 8), %%rax\n\t"
        "subq $1, 8(%%rax)\n\t"
        "js %l[refused]\n\t"
        "addq %[number], (%%rax)\n\t"
        "2:\n\t"
        // The kernel goes on only where these seven bytes stand before: an instruction that is never run, with glibc's signature.
        ".pushsection __rseq_failure, \"ax\"\n\t"
        ".byte 0x0f, 0xb9, 0x3d\n\t"
        ".long 0x53053053\n\t"
        "4: jmp %l[refused]\n\t"
        ".popsection\n\t"
        :
        : [offset] "r"(rseq_offset), [sums] "r"(sums), [count] "r"(count), [number] "er"(number)
        : "memory", "cc", "rax"
        : refused);
    return true;
refused:
    return false;
#else
    (void)rseq_offset, (void)sums, (void)count, (void)number;
    return false;
#endif
}

// MARK: Appending on a processor of one's own

enum { telemetry_machine_queue_capacity = 32 };

/// Values that only threads on one processor append, and that whoever holds a lock takes out.
struct telemetry_machine_queue {
    /// How many values were ever appended; the place of the next one is its remainder by the capacity.
    uint64_t end;
    /// Below which `end` must be for a value to be appended; at most a capacity beyond `begin`.
    uint64_t limit;
    /// How many values were ever taken out.
    uint64_t begin;
    uint64_t values[telemetry_machine_queue_capacity];
};

/// Appends a value to the queue of the present processor without a locked instruction; returns false if it was not appended.
///
/// A restartable sequence as ``telemetry_machine_add_on_processor``. A value that is interrupted before it counts is not seen.
///
/// - `queues`: one for each processor number below `count`.
static inline bool telemetry_machine_append_on_processor(
    ptrdiff_t rseq_offset, struct telemetry_machine_queue *const *queues, uint32_t count, uint64_t value
) {
#if defined(__linux__) && defined(__x86_64__)
    __asm__ goto volatile(
        ".pushsection __rseq_cs, \"aw\"\n\t"
        ".balign 32\n\t"
        "3: .long 0, 0\n\t"
        ".quad 1f, 2f - 1f, 4f\n\t"
        ".popsection\n\t"
        "leaq 3b(%%rip), %%rax\n\t"
        "movq %%rax, %%fs:8(%[offset])\n\t"
        "1:\n\t"
        "movl %%fs:4(%[offset]), %%eax\n\t"
        "cmpl %[count], %%eax\n\t"
        "jae %l[refused]\n\t"
        "movq (%[queues], %%rax, 8), %%rax\n\t"
        "movq (%%rax), %%rcx\n\t"
        "cmpq 8(%%rax), %%rcx\n\t"
        "jae %l[refused]\n\t"
        "andl %[mask], %%ecx\n\t"
        "movq %[value], 24(%%rax, %%rcx, 8)\n\t"
        "addq $1, (%%rax)\n\t"
        "2:\n\t"
        ".pushsection __rseq_failure, \"ax\"\n\t"
        ".byte 0x0f, 0xb9, 0x3d\n\t"
        ".long 0x53053053\n\t"
        "4: jmp %l[refused]\n\t"
        ".popsection\n\t"
        :
        : [offset] "r"(rseq_offset), [queues] "r"(queues), [count] "r"(count), [value] "r"(value),
          [mask] "i"(telemetry_machine_queue_capacity - 1)
        : "memory", "cc", "rax", "rcx"
        : refused);
    return true;
refused:
    return false;
#else
    (void)rseq_offset, (void)queues, (void)count, (void)value;
    return false;
#endif
}

// MARK: Counting and keeping pointers on a processor of one's own

enum {
    /// The distance between the lanes of two processors: two cache lines, which are fetched together.
    telemetry_machine_lane_size = 128,
    /// The pointers that a lane holds behind their number.
    telemetry_machine_stack_capacity = 15,
};

/// Adds a number to the first word of the present processor's lane without a locked instruction.
///
/// A restartable sequence as ``telemetry_machine_add_on_processor``.
///
/// - `lanes`: one for each processor number below `count`, each of ``telemetry_machine_lane_size`` bytes.
/// - `sum`: receives the sum.
/// - Returns: the lane; null if nothing was added.
static inline void *telemetry_machine_advance_on_processor(
    ptrdiff_t rseq_offset, void *lanes, uint32_t count, uint64_t number, uint64_t *sum
) {
#if defined(__linux__) && defined(__x86_64__)
    void *lane;
    uint64_t result;
    __asm__ volatile(
        ".pushsection __rseq_cs, \"aw\"\n\t"
        ".balign 32\n\t"
        "3: .long 0, 0\n\t"
        ".quad 1f, 2f - 1f, 4f\n\t"
        ".popsection\n\t"
        "leaq 3b(%%rip), %[lane]\n\t"
        "movq %[lane], %%fs:8(%[offset])\n\t"
        "1:\n\t"
        "movl %%fs:4(%[offset]), %k[lane]\n\t"
        "cmpl %[count], %k[lane]\n\t"
        "jae 4f\n\t"
        "shlq $7, %[lane]\n\t"
        "addq %[lanes], %[lane]\n\t"
        "movq (%[lane]), %[result]\n\t"
        "addq %[number], %[result]\n\t"
        "movq %[result], (%[lane])\n\t"
        "2:\n\t"
        ".pushsection __rseq_failure, \"ax\"\n\t"
        ".byte 0x0f, 0xb9, 0x3d\n\t"
        ".long 0x53053053\n\t"
        "4: xorl %k[lane], %k[lane]\n\t"
        "jmp 2b\n\t"
        ".popsection\n\t"
        : [lane] "=&r"(lane), [result] "=&r"(result)
        : [offset] "r"(rseq_offset), [lanes] "r"(lanes), [count] "r"(count), [number] "r"(number)
        : "memory", "cc");
    *sum = result;
    return lane;
#else
    (void)rseq_offset, (void)lanes, (void)count, (void)number, (void)sum;
    return NULL;
#endif
}

/// Takes the pointer out that was put last into the present processor's lane; null if there is none, or the thread was moved just now.
///
/// A lane holds the number of its pointers, and then the pointers.
static inline void *telemetry_machine_pop_on_processor(ptrdiff_t rseq_offset, void *lanes, uint32_t count) {
#if defined(__linux__) && defined(__x86_64__)
    void *pointer;
    __asm__ volatile(
        ".pushsection __rseq_cs, \"aw\"\n\t"
        ".balign 32\n\t"
        "3: .long 0, 0\n\t"
        ".quad 1f, 2f - 1f, 4f\n\t"
        ".popsection\n\t"
        "leaq 3b(%%rip), %%rax\n\t"
        "movq %%rax, %%fs:8(%[offset])\n\t"
        "1:\n\t"
        "movl %%fs:4(%[offset]), %%eax\n\t"
        "cmpl %[count], %%eax\n\t"
        "jae 4f\n\t"
        "shlq $7, %%rax\n\t"
        "addq %[lanes], %%rax\n\t"
        "movq (%%rax), %%rcx\n\t"
        "subq $1, %%rcx\n\t"
        "js 4f\n\t"
        "movq 8(%%rax, %%rcx, 8), %[pointer]\n\t"
        "movq %%rcx, (%%rax)\n\t"
        "2:\n\t"
        ".pushsection __rseq_failure, \"ax\"\n\t"
        ".byte 0x0f, 0xb9, 0x3d\n\t"
        ".long 0x53053053\n\t"
        "4: xorl %k[pointer], %k[pointer]\n\t"
        "jmp 2b\n\t"
        ".popsection\n\t"
        : [pointer] "=&r"(pointer)
        : [offset] "r"(rseq_offset), [lanes] "r"(lanes), [count] "r"(count)
        : "memory", "cc", "rax", "rcx");
    return pointer;
#else
    (void)rseq_offset, (void)lanes, (void)count;
    return NULL;
#endif
}

/// Puts a pointer into the present processor's lane; returns false if there is no room, or the thread was moved just now.
static inline bool telemetry_machine_push_on_processor(ptrdiff_t rseq_offset, void *lanes, uint32_t count, void *pointer) {
#if defined(__linux__) && defined(__x86_64__)
    __asm__ goto volatile(
        ".pushsection __rseq_cs, \"aw\"\n\t"
        ".balign 32\n\t"
        "3: .long 0, 0\n\t"
        ".quad 1f, 2f - 1f, 4f\n\t"
        ".popsection\n\t"
        "leaq 3b(%%rip), %%rax\n\t"
        "movq %%rax, %%fs:8(%[offset])\n\t"
        "1:\n\t"
        "movl %%fs:4(%[offset]), %%eax\n\t"
        "cmpl %[count], %%eax\n\t"
        "jae %l[refused]\n\t"
        "shlq $7, %%rax\n\t"
        "addq %[lanes], %%rax\n\t"
        "movq (%%rax), %%rcx\n\t"
        "cmpq %[capacity], %%rcx\n\t"
        "jae %l[refused]\n\t"
        "movq %[pointer], 8(%%rax, %%rcx, 8)\n\t"
        "addq $1, %%rcx\n\t"
        "movq %%rcx, (%%rax)\n\t"
        "2:\n\t"
        ".pushsection __rseq_failure, \"ax\"\n\t"
        ".byte 0x0f, 0xb9, 0x3d\n\t"
        ".long 0x53053053\n\t"
        "4: jmp %l[refused]\n\t"
        ".popsection\n\t"
        :
        : [offset] "r"(rseq_offset), [lanes] "r"(lanes), [count] "r"(count), [pointer] "r"(pointer),
          [capacity] "i"(telemetry_machine_stack_capacity)
        : "memory", "cc", "rax", "rcx"
        : refused);
    return true;
refused:
    return false;
#else
    (void)rseq_offset, (void)lanes, (void)count, (void)pointer;
    return false;
#endif
}

#endif
