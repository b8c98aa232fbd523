// libc's own definition of a function that we define too.
#pragma once

#include <dlfcn.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace mqttvet::sim {

// The definition after the executable's (libc's, or the sanitizer's), looked up once. Usable before main().
inline void* next_definition(std::atomic<void*>& found, const char* name) {
  void* address = found.load(std::memory_order_relaxed);
  if (!address) {
    address = dlsym(RTLD_NEXT, name);
    if (!address) {
      std::fprintf(stderr, "mqttvet: no function %s in libc\n", name);
      std::abort();
    }
    found.store(address, std::memory_order_relaxed);
  }
  return address;
}

// Says which function a guest called that the simulated world has no model of, and aborts.
[[noreturn]] void abort_unmodelled(const char* function);

}  // namespace mqttvet::sim

#define MQTTVET_REAL(name)                                \
  (reinterpret_cast<decltype(&::name)>([] {               \
    static std::atomic<void*> found{nullptr};             \
    return ::mqttvet::sim::next_definition(found, #name); \
  }()))
