#include "sim/guest/process.h"

#include <MQTTAsync.h>
#include <sys/personality.h>
#include <unistd.h>

#include <cstdlib>

#include <fmt/format.h>
#include <mqtt/async_client.h>

#include "sim/guest/paho_app.h"
#include "sim/guest/real.h"
#include "sim/guest/scheduler.h"

namespace mqttvet::sim {
namespace {

constexpr const char* kMarker = "MQTTVET_REEXECUTED";
// The last four are for speed: the children of a sweep live for milliseconds, and what they gave back to the
// kernel they would have to take again, page fault by page fault (an eighth of a run's processor time).
constexpr const char* kTunables =
    "glibc.malloc.tcache_count=0:glibc.malloc.arena_max=1"
    ":glibc.malloc.mmap_threshold=67108864:glibc.malloc.trim_threshold=1073741824"
    ":glibc.malloc.top_pad=4194304:glibc.malloc.hugetlb=1";
// Debian's package libpaho-mqtt1.3 1.3.12-1 still calls itself by the release before.
constexpr std::string_view kPahoCVersion = "1.3.11";
constexpr std::string_view kPahoCppFile = "libpaho-mqttpp3.so.1.2.0";

constexpr bool is_sanitized() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#else
  return false;
#endif
}

// Accepts whoever connects: CONNACK for the first bytes of each connection, nothing else.
void serve_connack(Network& network) {
  network.add_host("broker");
  network.listen("broker", 1883, [](EndpointPtr endpoint) {
    auto* raw = endpoint.get();
    raw->on_change([endpoint = std::move(endpoint), answered = false]() mutable {
      char buffer[256];
      while (endpoint->read(buffer, sizeof buffer) > 0) {
        if (!std::exchange(answered, true)) endpoint->write(std::string_view("\x20\x02\x00\x00", 4));
      }
      if (endpoint->at_end() && endpoint->state() == Endpoint::State::open) endpoint->close();
    });
  });
}

// The file that a function of a shared library came from, links resolved.
std::string file_of(const void* function) {
  Dl_info info{};
  if (dladdr(function, &info) == 0 || !info.dli_fname) return "an unknown file";
  char* resolved = realpath(info.dli_fname, nullptr);
  const std::string file = resolved ? resolved : info.dli_fname;
  std::free(resolved);
  return file;
}

bool is_of_this_program(const void* address) {
  Dl_info theirs{};
  Dl_info ours{};
  return address && dladdr(address, &theirs) != 0 &&
         dladdr(reinterpret_cast<const void*>(&unexpected_paho), &ours) != 0 &&
         theirs.dli_fbase == ours.dli_fbase;
}

}  // namespace

void reexec_without_aslr(char** argv) {
  if (is_sanitized() || std::getenv(kMarker)) return;
  const int persona = personality(0xffffffff);
  if (persona < 0 || personality(static_cast<unsigned long>(persona) | ADDR_NO_RANDOMIZE) < 0) return;
  setenv(kMarker, "1", 1);
  setenv("GLIBC_TUNABLES", kTunables, 1);
  setenv("LD_BIND_NOW", "1", 1);  // here and once, instead of in every child
  execv("/proc/self/exe", argv);
}

void warm_up() {
  World world(0);
  Network network(world);
  Scheduler scheduler(world, network, {.booted = std::chrono::seconds(1)});
  serve_connack(network);
  network.add_host("warm-up");
  Machine& machine = scheduler.boot("warm-up");
  const std::string uri = fmt::format("tcp://{}:1883", scheduler.sockets().route(machine, "broker"));
  scheduler.spawn(machine, "warm-up/main", std::function<void()>([uri] {
                    ClientPlan plan;
                    plan.name = plan.client_id = "warm-up";
                    const PahoEvents nobody{[](Arrival) {}, [](bool) {}};
                    for (const auto make : {make_paho_cpp_app, make_paho_c_app}) {
                      const auto app = make(plan, uri, nobody);
                      app->connect({});
                      app->disconnect({});
                    }
                  }));
  world.run_until(std::chrono::seconds(600));
}

std::string unexpected_paho() {
  // One of each file of interposers: an archive would have let the linker drop some.
  for (const char* function : {"pthread_create", "pthread_mutex_lock", "clock_gettime", "poll", "rand",
                               "fopen", "syscall", "select"}) {
    if (!is_of_this_program(dlsym(RTLD_DEFAULT, function))) {
      return fmt::format("this program does not define {}: link the guests' objects and export its symbols",
                         function);
    }
  }
  std::string version = "unknown";
  for (const auto* info = MQTTAsync_getVersionInfo(); info->name; ++info) {
    if (std::string_view(info->name) == "Version") version = info->value;
  }
  if (version != kPahoCVersion) {
    return fmt::format("the Paho C library is version {} instead of {} ({})", version, kPahoCVersion,
                       file_of(reinterpret_cast<const void*>(&MQTTAsync_create)));
  }
  const auto cpp = file_of(dlsym(RTLD_DEFAULT, "_ZTVN4mqtt12async_clientE"));
  if (!cpp.ends_with(kPahoCppFile))
    return fmt::format("the Paho C++ library is {} instead of {}", cpp, kPahoCppFile);
  return "";
}

}  // namespace mqttvet::sim
