// kill9 BROKER [--rounds N] [--kills N] [--seed S]
//
// Starts BROKER, a mqttvet-broker, with a data directory; lets Paho clients publish and subscribe; ends it
// with kill -9 at random moments in the middle of their work, and starts it again. In the end, of the
// messages whose publish() was acknowledged none may be missing, at a subscriber that was there all the time
// and at one that was away; and a message of QoS 2 may not have come twice.
//
// Every client is a process of its own: within one, Paho clients wait for each other, up to a second. Every
// interrupted Paho object is followed by a new one on the same persistence directory: Paho C 1.3.12 may send
// a freed topic when an object whose send failed reconnects.
#include <fcntl.h>
#include <mqtt/async_client.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// A word to whoever looks at a failure, and the end.
[[noreturn]] void give_up(const std::string& text) {
  std::fprintf(stderr, "kill9: %s\n", text.c_str());
  std::exit(1);
}

// --- The broker ---

int free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(probe, reinterpret_cast<sockaddr*>(&address), size) != 0) give_up("no free port");
  ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(probe);
  return ntohs(address.sin_port);
}

// A process of ours. Ended with this object, and with this program, however that ends.
class Process {
 public:
  explicit Process(const std::function<void()>& body) : pid_(::fork()) {
    if (pid_ < 0) give_up("cannot fork");
    if (pid_ > 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    body();
    ::_exit(0);
  }
  ~Process() {
    if (pid_ > 0) end(SIGKILL);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Both return the status as waitpid() gives it.
  int end(int signal) {
    ::kill(pid_, signal);
    return wait();
  }
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return status;
  }

 private:
  pid_t pid_;
};

std::unique_ptr<Process> start_broker(const std::string& path, int port,
                                      const std::filesystem::path& directory) {
  return std::make_unique<Process>([&] {
    const std::string url = "mqtt://127.0.0.1:" + std::to_string(port);
    const int log = ::open((directory / "broker.log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::dup2(log, STDERR_FILENO);
    ::execl(path.c_str(), path.c_str(), "--listen", url.c_str(), "--data", (directory / "data").c_str(),
            nullptr);
    ::_exit(127);
  });
}

// What all processes see.
struct Shared {
  std::atomic<bool> publishing{true};
  std::atomic<bool> running{true};
  std::atomic<int> subscribed{0};
  std::atomic<int> published{0};
  std::atomic<int> acknowledged{0};
};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

Shared& make_shared_memory() {
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) give_up("no shared memory");
  return *new (memory) Shared;
}

// Lines that one process writes and another reads.
class Notes {
 public:
  explicit Notes(std::filesystem::path file) : file_(std::move(file)) {}
  void add(const std::string& line) { (std::ofstream(file_, std::ios::app) << line + "\n").flush(); }
  // How often each line stands there.
  std::map<std::string, int> read() const {
    std::map<std::string, int> lines;
    std::ifstream in(file_);
    for (std::string line; std::getline(in, line) && !in.eof();) ++lines[line];
    return lines;
  }

 private:
  std::filesystem::path file_;
};

// --- The clients ---

struct Setting {
  std::string uri;
  std::string client_id;
  int mqtt_version;
  std::string persistence;  // directory
};

class Client {
 public:
  explicit Client(Setting setting) : setting_(std::move(setting)) {}
  virtual ~Client() = default;

  // Tries until it is connected or `wanted` is no longer true. Every attempt is a new Paho client.
  bool connect(const std::atomic<bool>& wanted) {
    while (wanted) {
      paho_.reset();  // before the next one opens its persistence directory: the end of this one removes it
      try {
        paho_ = std::make_unique<mqtt::async_client>(setting_.uri, setting_.client_id,
                                                     mqtt::create_options(setting_.mqtt_version),
                                                     setting_.persistence);
        prepare(*paho_);
        paho_->connect(options())->wait();
        return true;
      } catch (const mqtt::exception&) {
        std::this_thread::sleep_for(10ms);
      }
    }
    return false;
  }
  void disconnect() {
    try {
      if (paho_ && paho_->is_connected()) paho_->disconnect(1000)->wait();
    } catch (const mqtt::exception&) {  // the broker was ended first
    }
    paho_.reset();
  }
  bool connected() const { return paho_ && paho_->is_connected(); }
  mqtt::async_client& paho() { return *paho_; }

 protected:
  virtual void prepare(mqtt::async_client&) {}

 private:
  mqtt::connect_options options() const {
    mqtt::connect_options options;
    options.set_mqtt_version(setting_.mqtt_version);
    options.set_keep_alive_interval(20);
    options.set_connect_timeout(3);
    if (setting_.mqtt_version == MQTTVERSION_5) {
      options.set_clean_start(false);
      options.set_properties({{mqtt::property::SESSION_EXPIRY_INTERVAL, 3600}});
    } else {
      options.set_clean_session(false);
    }
    return options;
  }

  Setting setting_;
  std::unique_ptr<mqtt::async_client> paho_;
};

// Publishes "CLIENT 1", "CLIENT 2", ... to its topic, a few at a time, and notes what was acknowledged. A
// message whose acknowledgement did not come is Paho's to finish; it is not published again.
class Publisher : public Client {
 public:
  Publisher(const Setting& setting, int qos, Shared& shared, Notes acknowledged)
      : Client(setting),
        name_(setting.client_id),
        qos_(qos),
        shared_(shared),
        acknowledged_(std::move(acknowledged)) {}

  void run() {
    while (shared_.publishing && connect(shared_.publishing)) {
      in_flight_.clear();
      while (shared_.publishing && connected()) {
        publish();
        settle();
      }
      const auto last_moment = Clock::now() + 2s;
      while (!shared_.publishing && connected() && !in_flight_.empty() && Clock::now() < last_moment)
        settle();
    }
    // What was interrupted is finished by a last connection; the broker runs by now.
    connect(shared_.running);
    std::this_thread::sleep_for(200ms);
    disconnect();
  }

 private:
  void publish() {
    try {
      while (in_flight_.size() < 8) {
        const std::string payload = name_ + " " + std::to_string(++count_);
        in_flight_.emplace_back(payload, paho().publish("load/" + name_, payload, qos_, false));
        ++shared_.published;
      }
    } catch (const mqtt::exception&) {  // the connection is lost: the caller sees it
    }
  }

  void settle() {
    while (!in_flight_.empty() && in_flight_.front().second->is_complete()) {
      if (in_flight_.front().second->get_return_code() == MQTTASYNC_SUCCESS) {
        acknowledged_.add(in_flight_.front().first);
        ++shared_.acknowledged;
      }
      in_flight_.pop_front();
    }
    std::this_thread::sleep_for(200us);
  }

  std::string name_;
  int qos_;
  Shared& shared_;
  Notes acknowledged_;
  int count_ = 0;
  std::deque<std::pair<std::string, mqtt::delivery_token_ptr>> in_flight_;
};

// Subscribes to everything, and notes every message.
class Subscriber : public Client {
 public:
  Subscriber(const Setting& setting, Shared& shared, Notes received)
      : Client(setting), shared_(shared), received_(std::move(received)) {}

  void subscribe() {
    if (!connect(shared_.running)) return;
    paho().subscribe("load/#", 2)->wait();
    ++shared_.subscribed;
  }
  // Is there, and comes back whenever it has to.
  void stay() {
    while (shared_.running) {
      if (!connected()) connect(shared_.running);
      std::this_thread::sleep_for(1ms);
    }
    disconnect();
  }

 private:
  void prepare(mqtt::async_client& paho) override {
    paho.set_message_callback(
        [this](const mqtt::const_message_ptr& message) { received_.add(message->to_string()); });
  }

  Shared& shared_;
  Notes received_;
};

// --- A round ---

struct Arguments {
  std::string broker;
  int rounds = 3;
  int kills = 3;
  std::uint64_t seed = std::random_device{}();
};

class Round {
 public:
  Round(const Arguments& arguments, std::uint64_t seed)
      : arguments_(arguments), random_(seed), directory_(make_directory()), port_(free_port()) {}
  ~Round() { ::munmap(&shared_, sizeof shared_); }

  // Returns how much was wrong.
  int run() {
    broker_ = start_broker(arguments_.broker, port_, directory_);
    Process present([&] {
      Subscriber client(setting("present", MQTTVERSION_5), shared_, notes("present"));
      client.subscribe();
      client.stay();
    });
    Process([&] {
      Subscriber client(setting("away", MQTTVERSION_3_1_1), shared_, notes("away"));
      client.subscribe();
      client.disconnect();
    }).wait();
    wait_until([&] { return shared_.subscribed == 2; }, "the subscriptions");
    publish_and_kill();
    Process away([&] { Subscriber(setting("away", MQTTVERSION_3_1_1), shared_, notes("away")).stay(); });
    for (int i = 0; i < 200 && !(missing("present").empty() && missing("away").empty()); ++i)
      std::this_thread::sleep_for(100ms);
    std::this_thread::sleep_for(100ms);  // a message too many would come now
    shared_.running = false;
    present.wait();
    away.wait();
    return judge();
  }

  int published() const { return shared_.published; }
  int acknowledged() const { return shared_.acknowledged; }

 private:
  static std::filesystem::path make_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kill9-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) give_up("cannot make a directory " + pattern);
    return pattern;
  }
  Setting setting(const std::string& id, int version) const {
    return {"tcp://127.0.0.1:" + std::to_string(port_), id, version, (directory_ / id).string()};
  }
  Notes notes(const std::string& name) const { return Notes(directory_ / (name + ".txt")); }

  void wait_until(const std::function<bool()>& holds, const std::string& what) {
    const auto last_moment = Clock::now() + 20s;
    while (!holds()) {
      if (Clock::now() > last_moment)
        give_up("waited 20 s in vain for " + what + "; see " + directory_.string());
      std::this_thread::sleep_for(1ms);
    }
  }

  void publish_and_kill() {
    Process at_least_once([&] {
      Publisher(setting("at-least-once", MQTTVERSION_3_1_1), 1, shared_, notes("acknowledged-1")).run();
    });
    Process twice_never(
        [&] { Publisher(setting("twice-never", MQTTVERSION_5), 2, shared_, notes("acknowledged-2")).run(); });
    for (int kill = 0; kill < arguments_.kills; ++kill) {
      const int before = shared_.acknowledged;
      wait_until([&] { return shared_.acknowledged > before + 10; }, "acknowledgements");
      std::this_thread::sleep_for(std::chrono::microseconds(random_() % 200'000));
      broker_->end(SIGKILL);
      std::this_thread::sleep_for(std::chrono::milliseconds(random_() % 30));
      broker_ = start_broker(arguments_.broker, port_, directory_);
    }
    std::this_thread::sleep_for(200ms);
    shared_.publishing = false;
    at_least_once.wait();
    twice_never.wait();
  }

  std::set<std::string> missing(const std::string& subscriber) const {
    std::set<std::string> missing;
    for (const char* publisher : {"acknowledged-1", "acknowledged-2"})
      for (const auto& [payload, count] : notes(publisher).read()) missing.insert(payload);
    for (const auto& [payload, count] : notes(subscriber).read()) missing.erase(payload);
    return missing;
  }

  int judge() {
    int failures = 0;
    for (const char* subscriber : {"present", "away"}) {
      std::set<std::string> twice;
      for (const auto& [payload, count] : notes(subscriber).read())
        if (count > 1 && payload.starts_with("twice-never")) twice.insert(payload);
      failures += complain(subscriber, "acknowledged and missing", missing(subscriber)) +
                  complain(subscriber, "of QoS 2 came more than once", twice);
    }
    const int status = broker_->end(SIGTERM);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
      std::printf("  FAILED: after SIGTERM the broker ended with wait status %d\n", status);
      ++failures;
    }
    if (failures == 0)
      std::filesystem::remove_all(directory_);
    else
      std::printf("  kept: %s\n", directory_.c_str());
    return failures;
  }

  // The first few of what is wrong.
  static int complain(const std::string& who, const std::string& what,
                      const std::set<std::string>& payloads) {
    if (payloads.empty()) return 0;
    std::string list;
    int shown = 0;
    for (const std::string& payload : payloads)
      if (++shown <= 5) list += " '" + payload + "'";
    std::printf("  FAILED: %s: %zu messages %s:%s%s\n", who.c_str(), payloads.size(), what.c_str(),
                list.c_str(), shown > 5 ? " ..." : "");
    return 1;
  }

  const Arguments& arguments_;
  std::mt19937_64 random_;
  std::filesystem::path directory_;
  int port_;
  Shared& shared_ = make_shared_memory();
  std::unique_ptr<Process> broker_;
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  const auto usage = [] {
    std::fprintf(stderr, "usage: kill9 BROKER [--rounds N] [--kills N] [--seed S]\n");
    std::exit(2);
  };
  if (argc < 2 || argc % 2 != 0) usage();
  arguments.broker = argv[1];
  for (int i = 2; i < argc; i += 2) {
    const std::string option = argv[i];
    if (option == "--rounds")
      arguments.rounds = std::atoi(argv[i + 1]);
    else if (option == "--kills")
      arguments.kills = std::atoi(argv[i + 1]);
    else if (option == "--seed")
      arguments.seed = std::strtoull(argv[i + 1], nullptr, 10);
    else
      usage();
  }
  return arguments;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = parse(argc, argv);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  int failures = 0;
  for (int i = 0; i < arguments.rounds; ++i) {
    const std::uint64_t seed = arguments.seed + static_cast<std::uint64_t>(i);
    Round round(arguments, seed);
    std::printf("round %d, --seed %llu\n", i + 1, static_cast<unsigned long long>(seed));
    failures += round.run();
    std::printf("  %d published, %d acknowledged, %d kills\n", round.published(), round.acknowledged(),
                arguments.kills);
  }
  std::printf("%s\n", failures == 0 ? "every acknowledged message arrived, those of QoS 2 once" : "FAILED");
  return failures == 0 ? 0 : 1;
}
