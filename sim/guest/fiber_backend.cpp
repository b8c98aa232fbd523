// Guests as fibers: Boost.Context's fcontext on pooled stacks, all on the OS thread that runs the World.
#include <sys/mman.h>

#include <cxxabi.h>
#include <boost/context/detail/fcontext.hpp>

#include <mutex>
#include <new>

#include "sim/guest/backend.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace mqttvet::sim {
namespace {

using boost::context::detail::fcontext_t;
using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;

#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kStackBytes = 1024 * 1024;  // red zones need room
#else
constexpr std::size_t kStackBytes = 256 * 1024;
#endif
constexpr std::size_t kGuardBytes = 4096;

struct Stack {
  char* memory = nullptr;  // the guard page, below the stack
  char* bottom() const { return memory + kGuardBytes; }
  char* top() const { return memory + kGuardBytes + kStackBytes; }
};

Stack map_stack() {
  void* memory = mmap(nullptr, kGuardBytes + kStackBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  mprotect(memory, kGuardBytes, PROT_NONE);
  return {static_cast<char*>(memory)};
}

// What the C++ runtime keeps per OS thread and would mix up between fibers. (errno is HostMode's.)
struct RuntimeState {
  void* caught_exceptions = nullptr;
  unsigned uncaught_exceptions = 0;
  void* once_callable = nullptr;
  void (*once_call)() = nullptr;

  struct Globals {  // Itanium C++ ABI, section 2.2.2
    void* caught_exceptions;
    unsigned uncaught_exceptions;
  };
  static Globals& globals() { return *reinterpret_cast<Globals*>(abi::__cxa_get_globals()); }

  void save() {
    caught_exceptions = globals().caught_exceptions;
    uncaught_exceptions = globals().uncaught_exceptions;
    once_callable = std::__once_callable;
    once_call = std::__once_call;
  }
  void restore() const {
    globals() = {caught_exceptions, uncaught_exceptions};
    std::__once_callable = once_callable;
    std::__once_call = once_call;
  }
};

struct Fiber {
  fcontext_t context = nullptr;
  Stack stack;  // none for the World's own
  RuntimeState runtime;
  Guest* guest = nullptr;
  GuestBackend::Main main = nullptr;
  void* fake_stack = nullptr;  // AddressSanitizer's
  const void* asan_bottom = nullptr;
  std::size_t asan_size = 0;
};

class FiberBackend final : public GuestBackend {
 public:
  ~FiberBackend() override {
    for (auto& fiber : fibers_) release(*fiber);
    for (const Stack& stack : free_stacks_) munmap(stack.memory, kGuardBytes + kStackBytes);
  }

  void create(Guest& guest, Main main) override {
    fibers_.push_back(std::make_unique<Fiber>());
    Fiber& fiber = *fibers_.back();
    guest.context = &fiber;
    fiber.guest = &guest;
    fiber.main = main;
    if (free_stacks_.empty()) free_stacks_.push_back(map_stack());
    fiber.stack = free_stacks_.back();
    free_stacks_.pop_back();
#if defined(__SANITIZE_ADDRESS__)
    __asan_unpoison_memory_region(fiber.stack.bottom(), kStackBytes);  // its last user left without unwinding
#endif
    fiber.asan_bottom = fiber.stack.bottom();
    fiber.asan_size = kStackBytes;
    fiber.context = make_fcontext(fiber.stack.top(), kStackBytes, enter);
  }

  void switch_to(Guest* from, Guest* to) override {
    Fiber& left = fiber_of(from);
    jump(left, fiber_of(to), &left.fake_stack);
  }

  void leave_to(Guest& from, Guest* to) override {
    ended_ = &fiber_of(&from);
    jump(*ended_, fiber_of(to), nullptr);
    __builtin_unreachable();
  }

 private:
  struct Arrival {
    FiberBackend* backend;
    Fiber* left;
    Fiber* entered;
  };

  Fiber& fiber_of(Guest* guest) {
    return guest ? *static_cast<Fiber*>(guest->context) : host_;
  }

  void jump(Fiber& left, Fiber& entered, [[maybe_unused]] void** fake_stack) {
    left.runtime.save();
    Arrival arrival{this, &left, &entered};
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(fake_stack, entered.asan_bottom, entered.asan_size);
#endif
    const transfer_t transfer = jump_fcontext(entered.context, &arrival);
    arrive(transfer);
  }

  // On the new stack, first thing.
  static Fiber& arrive(transfer_t transfer) {
    const Arrival arrival = *static_cast<Arrival*>(transfer.data);
    arrival.left->context = transfer.fctx;
#if defined(__SANITIZE_ADDRESS__)
    const void* bottom = nullptr;
    std::size_t size = 0;
    __sanitizer_finish_switch_fiber(arrival.entered->fake_stack, &bottom, &size);
    if (arrival.left == &arrival.backend->host_) {
      arrival.left->asan_bottom = bottom;
      arrival.left->asan_size = size;
    }
#endif
    arrival.entered->runtime.restore();
    if (Fiber* ended = std::exchange(arrival.backend->ended_, nullptr)) arrival.backend->release(*ended);
    return *arrival.entered;
  }

  static void enter(transfer_t transfer) {
    Fiber& fiber = arrive(transfer);
    fiber.main(*fiber.guest);
  }

  void release(Fiber& fiber) {
    if (fiber.stack.memory) free_stacks_.push_back(std::exchange(fiber.stack, Stack{}));
  }

  Fiber host_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Stack> free_stacks_;
  Fiber* ended_ = nullptr;
};

}  // namespace

std::unique_ptr<GuestBackend> make_fiber_backend() {
  return std::make_unique<FiberBackend>();
}

}  // namespace mqttvet::sim
