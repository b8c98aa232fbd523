#include "conformance/target_live/live_target.h"

#include <fmt/format.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <stdexcept>
#include <thread>

#include "conformance/target_live/live_stream.h"

namespace mqttvet::conformance {
namespace {

using namespace std::chrono_literals;
using Clock = LiveStream::Clock;

constexpr auto kServesAgainWithin = 30s;

// What all runs share: read only.
struct Shared {
  LiveOptions options;
  Endpoints endpoints;
  asio::ssl::context tls{asio::ssl::context::tls_client};
};

void wait_until_it_serves(const Endpoints& endpoints) {
  const auto limit = Clock::now() + kServesAgainWithin;
  asio::io_context context;
  while (Clock::now() < limit) {
    asio::ip::tcp::socket socket(context);
    error_code error;
    asio::connect(socket, endpoints, error);
    if (!error) return;
    std::this_thread::sleep_for(20ms);
  }
  throw std::runtime_error("the target does not serve again");
}

// As the Paho libraries name it.
std::string paho_uri(const Url& url) {
  const char* scheme = url.has_websocket() ? (url.has_tls() ? "wss" : "ws") : (url.has_tls() ? "ssl" : "tcp");
  const std::string host = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  return fmt::format("{}://{}:{}{}", scheme, host, url.port, url.has_websocket() ? url.path : "");
}

class LiveVenue : public Venue {
 public:
  explicit LiveVenue(Shared& shared) : shared_(shared), work_(context_.get_executor()) {}

  Time now() const override { return Clock::now() - begun_; }

  std::unique_ptr<Channel> connect(ChannelEvents& events, const std::optional<Fault>& fault) override {
    auto transport = make_transport(context_, shared_.tls, shared_.options.url);
    if (!fault) return start(std::move(transport), shared_.endpoints, nullptr, events);
    const auto proxy = std::make_shared<Proxy>(context_, std::move(transport), *fault);
    proxy->begin(shared_.endpoints);
    return start(make_tcp_transport(asio::ip::tcp::socket(context_)), {proxy->endpoint()}, proxy, events);
  }

  void wait(Time deadline) override {
    context_.run_one_until(begun_ + deadline);  // one at a time: a flood must not keep us here
  }

  std::unique_ptr<Program> start(Library library, const ProgramSettings& settings,
                                 ProgramEvents& events) override {
    return shared_.options.start_program(
        paho_uri(shared_.options.url), library, settings, events,
        [this](std::function<void()> what) { asio::post(context_, std::move(what)); });
  }

  void restart() override {
    const Hooks& hooks = shared_.options.hooks;
    if (hooks.restart.empty()) {
      run("stop", hooks.stop);
      run("start", hooks.start);
    } else {
      run("restart", hooks.restart);
    }
    wait_until_it_serves(shared_.endpoints);
  }

  void kill() override {
    run("kill", shared_.options.hooks.kill);
    run("start", shared_.options.hooks.start);
    wait_until_it_serves(shared_.endpoints);
  }

 private:
  // Clients go on receiving: a target that stops in good order waits until they have left.
  void run(const char* name, const std::string& command) {
    carry_out(name, command, shared_.options.hooks.folder, [this] { context_.run_one_for(5ms); });
  }

  std::unique_ptr<Channel> start(std::unique_ptr<Transport> transport, const Endpoints& endpoints,
                                 std::shared_ptr<const Proxy> proxy, ChannelEvents& events) {
    const auto stream = std::make_shared<LiveStream>(std::move(transport), begun_, events);
    stream->begin(endpoints);
    return std::make_unique<LiveChannel>(stream, std::move(proxy));
  }

  Shared& shared_;
  Clock::time_point begun_ = Clock::now();
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
};

class LiveTarget : public Target {
 public:
  explicit LiveTarget(LiveOptions options) {
    shared_.options = std::move(options);
    const Url& url = shared_.options.url;
    asio::io_context context;
    error_code error;
    const auto found = asio::ip::tcp::resolver(context).resolve(url.host, std::to_string(url.port), error);
    if (error) throw std::runtime_error(fmt::format("{}: {}", url.host, error.message()));
    for (const auto& entry : found) shared_.endpoints.push_back(entry.endpoint());
    if (const std::string& file = shared_.options.certificate_authority_file; !file.empty()) {
      shared_.tls.load_verify_file(file, error);
      if (error) throw std::runtime_error(fmt::format("{}: {}", file, error.message()));
      shared_.tls.set_verify_mode(asio::ssl::verify_peer);
    }
    TargetFacts& facts = shared_.options.facts;
    const Hooks& hooks = shared_.options.hooks;
    if (!hooks.restart.empty() || (!hooks.stop.empty() && !hooks.start.empty()))
      facts.capabilities.insert(Capability::restart);
    if (shared_.options.start_program) facts.capabilities.insert(Capability::paho);
    if (url.has_websocket()) facts.capabilities.insert(Capability::websocket);
    if (!hooks.kill.empty() && !hooks.start.empty()) facts.capabilities.insert(Capability::kill);
    if (facts.has(Capability::durable)) facts.capabilities.insert(Capability::saved);
  }

  std::string name() const override { return shared_.options.name; }
  bool simulated() const override { return false; }
  const TargetFacts& facts() const override { return shared_.options.facts; }
  void set_facts(TargetFacts facts) override { shared_.options.facts = std::move(facts); }
  std::unique_ptr<Venue> open(std::uint64_t) override { return std::make_unique<LiveVenue>(shared_); }

  bool start() override {
    const Hooks& hooks = shared_.options.hooks;
    if (hooks.start.empty()) return false;
    try {
      if (!hooks.kill.empty()) run("kill", hooks.kill);  // it may hang
    } catch (const std::runtime_error&) {
      // It was dead, as it should be.
    }
    run("start", hooks.start);
    wait_until_it_serves(shared_.endpoints);
    return true;
  }
  void stop() override {
    const Hooks& hooks = shared_.options.hooks;
    if (!hooks.stop.empty()) run("stop", hooks.stop);
  }

 private:
  void run(const char* name, const std::string& command) {
    carry_out(name, command, shared_.options.hooks.folder, [] { std::this_thread::sleep_for(5ms); });
  }

  Shared shared_;
};

}  // namespace

Pace live_pace() {
  // No standard says how soon a timer has to be acted on. What is less than nine seconds late is not blamed,
  // so that a verdict doesn't hang on the moment of the run: mosquitto looks after its keep-alives every
  // five.
  return {3s, 250ms, 9s};
}

std::unique_ptr<Target> make_live_target(LiveOptions options) {
  return std::make_unique<LiveTarget>(std::move(options));
}

}  // namespace mqttvet::conformance
