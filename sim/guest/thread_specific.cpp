#include "sim/guest/thread_specific.h"

#include <climits>

namespace mqttvet::sim {
namespace {

struct Key {
  bool of_guests = false;
  void (*destructor)(void*) = nullptr;
};
// Plain arrays: keys are made before constructors have run.
Key keys[PTHREAD_KEYS_MAX];
bool main_has_begun = false;

// Runs with the other constructors of the executable, after those of the libraries it is linked to.
[[gnu::constructor]] void begin_main() {
  main_has_begun = true;
}

}  // namespace

void note_specific_key(pthread_key_t key, void (*destructor)(void*)) {
  if (key < PTHREAD_KEYS_MAX) keys[key] = {main_has_begun, destructor};
}

bool is_guest_key(pthread_key_t key) {
  return key < PTHREAD_KEYS_MAX && keys[key].of_guests;
}

// As POSIX has it: a value is gone when its destructor is called, all others can still be read.
void destroy_specific(Guest& guest) {
  for (int round = 0; round < PTHREAD_DESTRUCTOR_ITERATIONS; ++round) {
    bool called = false;
    for (auto& [key, value] : guest.specific) {  // destructors may add to it
      if (!value || !keys[key].destructor) continue;
      keys[key].destructor(std::exchange(value, nullptr));
      called = true;
    }
    if (!called) break;
  }
  HostMode host(&guest);
  guest.specific.clear();
}

}  // namespace mqttvet::sim
