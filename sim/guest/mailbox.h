// Hands things from host mode to a guest, which waits for them in simulated time. Not locked: one of them
// runs at a time.
#pragma once

#include <deque>

#include "sim/guest/scheduler.h"

namespace mqttvet::sim {

template <class Item>
class Mailbox {
 public:
  explicit Mailbox(Scheduler& scheduler) : scheduler_(scheduler) {}

  // In host mode.
  void put(Item item) {
    items_.push_back(std::move(item));
    scheduler_.wake_all(this);
  }
  bool empty() const { return items_.empty(); }

  // In guest mode. Blocks until there is one.
  Item take() {
    HostMode host(current);
    while (items_.empty()) scheduler_.wait(this);
    Item item = std::move(items_.front());
    items_.pop_front();
    return item;
  }

 private:
  Scheduler& scheduler_;
  std::deque<Item> items_;
};

}  // namespace mqttvet::sim
