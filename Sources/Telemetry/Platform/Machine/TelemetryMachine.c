// All functions are in the header, so that they are inlined; a target of the package needs a file to compile.
#include "TelemetryMachine.h"
