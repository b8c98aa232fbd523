#include "sim/guest/heap.h"

#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "sim/guest/guest.h"

namespace mqttvet::sim::guest_heap {
namespace {

// Reserved once; the kernel gives pages as they are touched. Far from where it puts programs, libraries and
// stacks.
constexpr std::uintptr_t kBase = 0x4000'0000'0000;
constexpr std::size_t kSize = std::size_t{8} << 30;

constexpr std::size_t kGranule = 16;
constexpr std::size_t kSmallMax = 512;
constexpr int kSmallClasses = kSmallMax / kGranule;  // then one per power of two
constexpr int kClasses = kSmallClasses + 24;
// So many freed blocks of a class wait before the first is used again; of large ones, fewer.
constexpr std::size_t kWaitingMin = 32;
constexpr std::size_t kWaitingMinLarge = 4;

enum class Use : std::uint32_t { in_use = 0x75736564, freed = 0x66726565 };

struct Header {
  Use use;
  std::uint32_t size_class;
  Header* next;  // of the class, while freed
};
static_assert(sizeof(Header) == kGranule);

struct Waiting {
  Header* oldest = nullptr;
  Header* newest = nullptr;
  std::size_t count = 0;
};

char* unused = nullptr;  // from here on, nothing was ever allocated
Waiting waiting[kClasses];

[[noreturn]] void stop(const char* message) {
  current = nullptr;
  [[maybe_unused]] const auto written = write(STDERR_FILENO, message, std::strlen(message));
  std::abort();
}

void reserve() {
  void* const at = reinterpret_cast<void*>(kBase);
  void* const region = mmap(at, kSize, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (region != at) stop("mqttvet: no address space for the guests' heap\n");
  unused = static_cast<char*>(region);
}

std::uint32_t class_of(std::size_t bytes) {
  if (bytes <= kSmallMax) return static_cast<std::uint32_t>((bytes + kGranule - 1) / kGranule - (bytes > 0));
  return static_cast<std::uint32_t>(kSmallClasses + std::bit_width((bytes - 1) / kSmallMax) - 1);
}

std::size_t bytes_of(std::uint32_t size_class) {
  if (size_class < kSmallClasses) return (size_class + 1) * kGranule;
  return kSmallMax << (size_class - kSmallClasses + 1);
}

Header* header_of(const void* block) {
  return reinterpret_cast<Header*>(const_cast<char*>(static_cast<const char*>(block)) - sizeof(Header));
}

void fill_as_freed(char* block, std::size_t bytes) {
  constexpr std::size_t length = sizeof kFreedText - 1;
  std::size_t filled = std::min(bytes, length);
  std::memcpy(block, kFreedText, filled);
  while (filled < bytes) {
    const std::size_t more = std::min(bytes - filled, filled / length * length);
    std::memcpy(block + filled, block, more);
    filled += more;
  }
  block[bytes - 1] = '\0';
}

Header* reuse(std::uint32_t size_class) {
  Waiting& queue = waiting[size_class];
  if (queue.count <= (size_class < kSmallClasses ? kWaitingMin : kWaitingMinLarge)) return nullptr;
  Header* const header = queue.oldest;
  queue.oldest = header->next;
  --queue.count;
  return header;
}

}  // namespace

bool owns(const void* address) {
  return reinterpret_cast<std::uintptr_t>(address) - kBase < kSize;
}

void* allocate(std::size_t bytes) {
  if (!unused) reserve();
  if (bytes > kSize / 2) return nullptr;
  const std::uint32_t size_class = class_of(bytes);
  Header* header = reuse(size_class);
  if (!header) {
    const std::size_t whole = sizeof(Header) + bytes_of(size_class);
    if (reinterpret_cast<std::uintptr_t>(unused) + whole > kBase + kSize) return nullptr;
    header = reinterpret_cast<Header*>(unused);
    unused += whole;
  }
  header->use = Use::in_use;
  header->size_class = size_class;
  header->next = nullptr;
  return header + 1;
}

void release(void* block) {
  Header* const header = header_of(block);
  if (header->use == Use::freed) stop("mqttvet: a guest freed memory twice\n");
  if (header->use != Use::in_use) stop("mqttvet: a guest freed memory that it never allocated\n");
  header->use = Use::freed;
  header->next = nullptr;
  fill_as_freed(static_cast<char*>(block), bytes_of(header->size_class));
  Waiting& queue = waiting[header->size_class];
  (queue.count++ == 0 ? queue.oldest : queue.newest->next) = header;
  queue.newest = header;
}

std::size_t usable_bytes(const void* block) {
  return bytes_of(header_of(block)->size_class);
}

void* reallocate(void* block, std::size_t bytes) {
  const std::size_t before = usable_bytes(block);
  if (class_of(bytes) == header_of(block)->size_class) return block;
  void* const moved = allocate(bytes);
  if (!moved) return nullptr;
  std::memcpy(moved, block, std::min(before, bytes));
  release(block);
  return moved;
}

}  // namespace mqttvet::sim::guest_heap
