#include "sim/node/unsettled.h"

#include <array>
#include <chrono>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <unordered_set>

namespace mqttvet::sim {
namespace {

Duration by_clock() {
  return Duration(std::chrono::steady_clock::now().time_since_epoch().count() % 1000);
}

Duration by_order() {
  std::array<std::unique_ptr<int>, 16> objects;
  std::unordered_set<const int*> all;
  for (auto& object : objects) {
    object = std::make_unique<int>();
    all.insert(object.get());
  }
  return Duration(std::distance(all.begin(), all.find(objects.front().get())));
}

Duration by_memory() {
  constexpr std::size_t kBytes = 4000;  // more than the allocator keeps per thread, which it hands out as it is
  void* block = std::malloc(kBytes);
  asm volatile("" : "+r"(block) : : "memory");  // the compiler knows that it is not written, and would say so
  // The last byte: the first ones are the allocator's own while the block is free.
  const auto* bytes = static_cast<const unsigned char*>(block);
  const Duration delay(bytes[kBytes - 1]);
  std::free(block);
  return delay;
}

}  // namespace

Duration unsettled_delay(Unsettled by) {
  switch (by) {
    case Unsettled::none:
      return Duration{0};
    case Unsettled::clock:
      return by_clock();
    case Unsettled::order:
      return by_order();
    case Unsettled::memory:
      return by_memory();
  }
  return Duration{0};
}

}  // namespace mqttvet::sim
