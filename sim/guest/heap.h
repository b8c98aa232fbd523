// The guests' heap. What guests allocate is kept apart from the simulator's own memory, at a fixed address,
// and every block depends on what guests allocated before and on nothing else: not on the host's history in
// this process, the backend, or the kernel's choice of addresses. So even what a library reads from memory
// that it has freed is the same in every run of a seed, and it is recognisable: a freed block says so, as a
// zero-terminated text, until it is used again.
//
//   | header 16 bytes | what the guest sees: a size class of 16, 32, 48 ... 512, then powers of two |
//
// Freed blocks of a class are used again oldest first, and only once some tens of them are waiting.
// Not with AddressSanitizer, which brings an allocator of its own.
#pragma once

#include <cstddef>

namespace mqttvet::sim {

// What fills a freed block, again and again.
constexpr char kFreedText[] = "*freed memory*";

namespace guest_heap {

// Null if there is no memory left. Aligned for every fundamental type.
void* allocate(std::size_t bytes);
void* reallocate(void* block, std::size_t bytes);
// Aborts with a message if the block is not in use.
void release(void* block);
bool owns(const void* address);
std::size_t usable_bytes(const void* block);

}  // namespace guest_heap
}  // namespace mqttvet::sim
