// Values out of RapidCheck generators, from a random stream of one purpose.
#pragma once

#include <rapidcheck.h>

#include <chrono>
#include <string_view>

#include "sim/world/random.h"
#include "sim/world/trace.h"

namespace mqttvet::sim {

class Draw {
 public:
  Draw(std::uint64_t seed, std::string_view purpose) : random_(Random::stream(seed, purpose).next()) {}

  template <class T>
  T operator()(const rc::Gen<T>& generator) {
    return generator(random_.split(), rc::kNominalSize).value();
  }

  // low .. high, both included; small and large ones alike.
  template <class Number>
  Number between(Number low, Number high) {
    return (*this)(rc::gen::resize(rc::kNominalSize, rc::gen::inRange<Number>(low, high + 1)));
  }
  // In milliseconds.
  Duration duration(std::chrono::milliseconds low, std::chrono::milliseconds high) {
    return std::chrono::milliseconds(between<std::int64_t>(low.count(), high.count()));
  }
  bool chance(int percent) { return between(0, 99) < percent; }
  template <class T>
  T one_of(std::initializer_list<T> values) {
    return (*this)(rc::gen::elementOf(std::vector<T>(values)));
  }

 private:
  rc::Random random_;
};

}  // namespace mqttvet::sim
