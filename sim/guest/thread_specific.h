// Which pthread keys have a value per guest. Keys made before main() belong to the C and sanitizer runtimes,
// which mean the OS thread; keys made later belong to libraries that guests use.
#pragma once

#include <pthread.h>

#include "sim/guest/guest.h"

namespace mqttvet::sim {

void note_specific_key(pthread_key_t key, void (*destructor)(void*));
bool is_guest_key(pthread_key_t key);
// At the end of a guest, in guest mode.
void destroy_specific(Guest& guest);

}  // namespace mqttvet::sim
