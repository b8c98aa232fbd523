// The guests' heap: addresses that depend on guests only, and freed memory that says so.
#include "sim/guest/heap.h"

#include <gtest/gtest.h>

#include "sim/guest/scheduler.h"
#include "sim/guest/testing/child.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;

TEST(GuestHeap, BlocksAreAlignedDistinctAndLargeEnough) {
  std::set<void*> blocks;
  for (std::size_t bytes : {0u, 1u, 16u, 17u, 511u, 512u, 513u, 4096u, 100'000u, 3'000'000u}) {
    void* const block = guest_heap::allocate(bytes);
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 16, 0u);
    EXPECT_GE(guest_heap::usable_bytes(block), bytes);
    EXPECT_TRUE(guest_heap::owns(block));
    std::memset(block, 0x55, bytes);
    EXPECT_TRUE(blocks.insert(block).second);
  }
  for (void* block : blocks) guest_heap::release(block);
}

TEST(GuestHeap, ReallocationKeepsTheContent) {
  char* block = static_cast<char*>(guest_heap::allocate(5));
  std::strcpy(block, "text");
  block = static_cast<char*>(guest_heap::reallocate(block, 5'000));
  EXPECT_STREQ(block, "text");
  block = static_cast<char*>(guest_heap::reallocate(block, 5));
  EXPECT_STREQ(block, "text");
  guest_heap::release(block);
}

TEST(GuestHeap, FreedMemorySaysSoUntilItIsUsedAgain) {
  char* const block = static_cast<char*>(guest_heap::allocate(40));
  guest_heap::release(block);
  EXPECT_STREQ(block, "*freed memory**freed memory**freed memory**free");  // 48 bytes, the last one zero
}

TEST(GuestHeapDeathTest, FreeingTwiceIsStopped) {
  void* const block = guest_heap::allocate(40);
  guest_heap::release(block);
  EXPECT_DEATH(guest_heap::release(block), "a guest freed memory twice");
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(GuestHeap, GuestsAllocateFromItWhateverTheHostDid) {
  const auto address_in_guest = [](std::size_t host_blocks) {
    return *in_child([host_blocks]() -> std::string {
      for (std::size_t i = 0; i < host_blocks; ++i) static_cast<void>(new char[100]);
      World world(1);
      Network network(world);
      network.add_host("alice");
      Scheduler scheduler(world, network);
      std::string address;
      scheduler.spawn(scheduler.boot("alice"), "alice/main", std::function<void()>([&] {
                        const auto text = std::make_unique<std::string>(100, 'x');
                        HostMode host(current);
                        address = std::to_string(reinterpret_cast<std::uintptr_t>(text->data()));
                        EXPECT_TRUE(guest_heap::owns(text->data()));
                      }));
      world.run_until(1s);
      return address;
    });
  };
  EXPECT_EQ(address_in_guest(0), address_in_guest(12'345));
}
#endif

}  // namespace
}  // namespace mqttvet::sim
