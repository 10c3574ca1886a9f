// The variable that the header declares; all functions are in the header, so that they are inlined.
#include "TelemetryMachine.h"

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
_Thread_local intptr_t telemetry_machine_section_depth = 0;
#endif
