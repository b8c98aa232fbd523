#include "broker/net/asio_world.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <thread>
#include <utility>

namespace mqttvet::net {

AsioWorld::AsioWorld(boost::asio::io_context& io, std::optional<storage::Store> store,
                     Authenticator authenticator, Log log)
    : io_(io), timer_(io), authenticator_(std::move(authenticator)), log_(std::move(log)) {
  if (store)
    storage_.emplace(std::move(*store), [this](std::optional<storage::StorageError> error) {
      post_committed(std::move(error));
    });
}

// What the sockets have ready is queued before it.
void AsioWorld::end_turn_soon() {
  boost::asio::post(io_, [this] { events_.turn_ended(); });
}

void AsioWorld::commit(std::span<const core::Record> batch) {
  if (storage_)
    storage_->commit(batch, now());
  else
    post_committed(std::nullopt);
}

void AsioWorld::post_committed(std::optional<storage::StorageError> error) {
  boost::asio::post(io_, [this, error = std::move(error)] { events_.committed(error); });
}

// One processor is left to those who are served already.
void AsioWorld::authenticate(core::Authenticate question) {
  if (!authentication_) {
    const unsigned processors = std::thread::hardware_concurrency();
    authentication_.emplace(std::clamp(processors, 2u, 9u) - 1);
  }
  boost::asio::post(*authentication_, [this, question = std::move(question)] {
    core::Authenticated answer{.connection = question.connection};
    if (authenticator_) answer = authenticator_(question);
    boost::asio::post(io_, [this, answer = std::move(answer)] { events_.authenticated(answer); });
  });
}

// A timer that is set for an earlier time is left alone: a tick too early costs less than setting the timer
// with every packet that postpones a keep-alive.
void AsioWorld::arm(std::optional<core::Monotonic> deadline) {
  deadline_ = deadline;
  if (deadline && !(waiting_ && *waiting_ <= *deadline)) wait();
}

void AsioWorld::wait() {
  waiting_ = deadline_;
  timer_.expires_at(std::chrono::steady_clock::time_point(deadline_->time_since_epoch()));
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;
    waiting_.reset();
    events_.tick();
  });
}

}  // namespace mqttvet::net
