// The variable that the header declares; all functions are in the header, so that they are inlined.
#include "TelemetryMachine.h"

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
// Without a description for debuggers, which valgrind 3.19 cannot read in the form that clang gives it.
__attribute__((nodebug)) _Thread_local intptr_t telemetry_machine_section_depth = 0;
#endif
