#include "sim/run/perturb.h"

#include <malloc.h>

#include <cstddef>
#include <cstring>
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

// Holes of every size class, in an order that no ascending allocation has.
void scatter_the_heap() {
  std::vector<void*> kept, holes;
  for (std::size_t round = 0; round < 64; ++round)
    for (std::size_t bytes = 16; bytes <= 1024; bytes += 16)
      (round % 2 == 0 ? kept : holes).push_back(malloc(bytes + round % 3 * 16));
  static_assert(64 / 2 * 1024 / 16 % 2 == 0, "an odd stride visits every hole once");
  for (std::size_t step = 0; step < holes.size(); ++step) free(holes[step * 1031 % holes.size()]);
  // `kept` is never given back: it is what holds the holes apart.
}

}  // namespace

void perturb_process() {
  mallopt(M_PERTURB, kFreshByte);
  scatter_the_heap();
  soil_the_stack();
}

}  // namespace mqttvet::sim
