// Gives each thread the area of a restartable sequence where the kernel gives none, as below valgrind.
//
// Preloaded by `lines.py`, so that the path is counted that runs on the machine. Nothing restarts a sequence here: valgrind runs one thread
// at a time, and what is counted need not be exact when it changes threads within one.
#include <stddef.h>
#include <stdint.h>

// The beginning of the kernel's `struct rseq` (linux/rseq.h): all threads run on processor 0.
static _Thread_local struct {
    uint32_t start_processor, processor;
    uint64_t critical_section;
    uint32_t flags, node, concurrency;
} area __attribute__((aligned(32), tls_model("initial-exec")));

// In place of those of glibc, which has 0 as the size where the kernel refused.
ptrdiff_t __rseq_offset;
unsigned int __rseq_size;

__attribute__((constructor)) static void publish(void) {
    __rseq_offset = (char *)&area - (char *)__builtin_thread_pointer();
    __rseq_size = 20;
}
