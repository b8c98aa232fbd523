// What AddressSanitizer finds in a guest is reported whole.
#include <gtest/gtest.h>

#include "sim/guest/scheduler.h"

namespace mqttvet::sim {
namespace {

#if defined(__SANITIZE_ADDRESS__)
void read_freed_memory_in_a_guest() {
  World world(1);
  Network network(world);
  network.add_host("alice");
  Scheduler scheduler(world, network);
  scheduler.spawn(scheduler.boot("alice"), "alice/main", std::function<void()>([] {
                    auto block = std::make_unique<int>(1);
                    const volatile int* freed = block.get();
                    block.reset();
                    [[maybe_unused]] const int value = *freed;
                  }));
  world.run_until(std::chrono::seconds(1));
}

TEST(SanitizerReportDeathTest, SaysWhereAGuestReadsMemoryAndWhereItFreedIt) {
  EXPECT_DEATH(read_freed_memory_in_a_guest(), "heap-use-after-free.*sanitizer_report_test.*freed by thread");
}
#endif

}  // namespace
}  // namespace mqttvet::sim
