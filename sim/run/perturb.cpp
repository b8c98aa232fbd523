#include "sim/run/perturb.h"

#include <malloc.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

namespace mqttvet::sim {
namespace {

constexpr int kFreshByte = 0xA7;  // M_PERTURB: fresh memory has its complement, freed memory the byte itself
constexpr std::size_t kStackBytes = 256 * 1024;

[[gnu::noinline]] void soil_the_stack() {
  unsigned char bytes[kStackBytes];
  std::memset(bytes, kFreshByte, sizeof bytes);
  asm volatile("" : : "r"(bytes) : "memory");  // somebody might read them: they have to be written
}

// Blocks of these sizes are held apart by others that are never given back, and freed in an order that no
// sequence of allocations has: what is allocated next goes here and there.
void scatter(std::size_t bytes_min, std::size_t bytes_max, std::size_t count) {
  std::vector<void*> holes;
  for (std::size_t round = 0; round < count; ++round) {
    for (std::size_t bytes = bytes_min; bytes <= bytes_max; bytes += 16) {
      holes.push_back(std::memset(malloc(bytes), kFreshByte, bytes));
      [[maybe_unused]] void* const kept = malloc(bytes_min + round % 5 * 16);
    }
  }
  std::uint64_t random = 1;  // a permutation of our own: the same in every process
  for (std::size_t left = holes.size(); left > 1; --left) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    std::swap(holes[left - 1], holes[(random >> 33) % left]);
  }
  for (void* hole : holes) free(hole);
}

}  // namespace

void perturb_process() {
  mallopt(M_PERTURB, kFreshByte);
  scatter(16, 112, 1000);
  scatter(128, 2048, 20);
  soil_the_stack();
}

}  // namespace mqttvet::sim
