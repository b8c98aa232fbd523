// malloc() and its kin: a guest's memory comes from the guests' heap, and goes back there whoever frees it.
// The host's is libc's. Under AddressSanitizer all of it is the sanitizer's.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#include <malloc.h>

#include <cstdlib>
#include <cstring>

#include "sim/guest/guest.h"
#include "sim/guest/heap.h"
#include "sim/guest/real.h"

// libc's own, under the names that need no look-up (which would allocate).
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);
}

using namespace mqttvet::sim;  // NOLINT: this file defines libc's names only

namespace {

void* or_no_memory(void* block) {
  if (!block) errno = ENOMEM;
  return block;
}

}  // namespace

extern "C" {

void* malloc(std::size_t bytes) {
  return current ? or_no_memory(guest_heap::allocate(bytes)) : __libc_malloc(bytes);
}

void free(void* block) {
  if (guest_heap::owns(block)) {
    guest_heap::release(block);
  } else {
    __libc_free(block);
  }
}

void* calloc(std::size_t count, std::size_t each) {
  if (!current) return __libc_calloc(count, each);
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, each, &bytes)) return or_no_memory(nullptr);
  void* const block = guest_heap::allocate(bytes);
  return block ? std::memset(block, 0, bytes) : or_no_memory(nullptr);
}

void* realloc(void* block, std::size_t bytes) {
  if (guest_heap::owns(block)) return or_no_memory(guest_heap::reallocate(block, bytes));
  if (!block && current) return malloc(bytes);
  return __libc_realloc(block, bytes);
}

std::size_t malloc_usable_size(void* block) noexcept {
  return guest_heap::owns(block) ? guest_heap::usable_bytes(block) : MQTTVET_REAL(malloc_usable_size)(block);
}

}  // extern "C"

#endif
