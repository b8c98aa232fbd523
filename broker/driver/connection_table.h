// Connection ids and what belongs to them, without a search: id modulo the table's size is the place.
//
//   ids given out:  1  2  3  4  5 ...      size 4:   | 4 | 5 | 2 | 3 |      (1 has gone; 5 took its place)
//
// Ids grow and are never used twice. An id whose place is taken by a connection that lives long is passed
// over; the table is kept at most half full, so that this is rare. A place is small: most of them are empty.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "broker/core/seam.h"

namespace mqttvet::driver {

template <class T>
class ConnectionTable {
 public:
  // Keeps `value` under a new id. Pointers that find() gave stay valid until erase().
  core::ConnectionId add(T value) {
    if (2 * (count_ + 1) > places_.size()) grow();
    do ++last_id_;
    while (place(last_id_).value);
    place(last_id_) = {last_id_, std::make_unique<T>(std::move(value))};
    ++count_;
    return core::ConnectionId{last_id_};
  }

  // Null: it is not there (any more).
  T* find(core::ConnectionId id) {
    if (places_.empty()) return nullptr;
    Place& at = place(static_cast<std::uint64_t>(id));
    return at.id == static_cast<std::uint64_t>(id) ? at.value.get() : nullptr;
  }

  // REQUIRES: it is there.
  void erase(core::ConnectionId id) {
    place(static_cast<std::uint64_t>(id)).value.reset();
    --count_;
  }

  std::size_t size() const { return count_; }

 private:
  struct Place {
    std::uint64_t id = 0;
    std::unique_ptr<T> value;
  };

  Place& place(std::uint64_t id) { return places_[id & (places_.size() - 1)]; }

  void grow() {
    std::vector<Place> old(places_.empty() ? 8 : 2 * places_.size());
    old.swap(places_);
    // Ids apart in the small table are apart in one of twice its size.
    for (Place& from : old)
      if (from.value) place(from.id) = std::move(from);
  }

  std::vector<Place> places_;  // a power of two
  std::size_t count_ = 0;
  std::uint64_t last_id_ = 0;
};

}  // namespace mqttvet::driver
