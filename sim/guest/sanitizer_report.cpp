// AddressSanitizer found something while a guest ran: its report opens files, allocates and writes, as the
// host. Without this the guest would be stopped for calling what the simulated world has no model of, and
// nobody would see the report.
#if defined(__SANITIZE_ADDRESS__)

#include "sim/guest/guest.h"

// Called before the report is printed; the process ends after it. The runtime's own definition, which does
// nothing, is weak.
extern "C" void __asan_on_error() {
  mqttvet::sim::current = nullptr;
}

#endif
