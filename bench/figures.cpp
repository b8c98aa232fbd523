#include "bench/figures.h"

#include <algorithm>
#include <iterator>

namespace mqttvet::bench {
namespace {

Value rate(const Throughput& throughput, double processor_seconds) {
  const auto count = static_cast<double>(throughput.count);
  Value value{count / throughput.seconds};
  if (processor_seconds >= 0.1) value.per_core = count / processor_seconds;
  return value;
}

Endpoint endpoint_of(const BrokerProcess& broker, bool tls = false) {
  return {broker.port(), tls};
}

Figure throughput(const std::string& name, Load load, bool tls = false) {
  return {.name = name, .unit = "messages/s", .tls = tls, .measure = [=](BrokerProcess& broker) {
            const double before = broker.processor_seconds();
            const Throughput measured = put_under_load(endpoint_of(broker, tls), load);
            return std::vector<Value>{rate(measured, broker.processor_seconds() - before)};
          }};
}

Figure latency(const Effort& effort) {
  constexpr unsigned kRate = 1000;
  return {.name = "latency at 1000/s, QoS 1,",
          .unit = "us",
          .more_is_better = false,
          .measure =
              [=](BrokerProcess& broker) {
                const Latency measured = measure_latency(endpoint_of(broker), kRate, effort.time);
                return std::vector<Value>{{measured.p50_us}, {measured.p99_us}};
              },
          .parts = {" p50", " p99"}};
}

Figure connects(const Effort& effort) {
  const std::size_t clients = std::min<std::uint64_t>(effort.messages_max, 5000);
  return {.name = "connect and leave", .unit = "clients/s", .measure = [=](BrokerProcess& broker) {
            const double before = broker.processor_seconds();
            const Throughput measured = connect_and_leave(endpoint_of(broker), clients);
            return std::vector<Value>{rate(measured, broker.processor_seconds() - before)};
          }};
}

Figure memory(const Effort& effort) {
  const std::size_t clients = std::min<std::uint64_t>(effort.messages_max, 10'000);
  return {.name = "memory per idle connection",
          .unit = "bytes",
          .more_is_better = false,
          .measure = [=](BrokerProcess& broker) {
            const double before = broker.resident_bytes();
            double after = 0;
            keep_idle(endpoint_of(broker), clients, [&] { after = broker.resident_bytes(); });
            return std::vector<Value>{{(after - before) / static_cast<double>(clients)}};
          }};
}

Figure drain(const Effort& effort) {
  const std::uint64_t messages = std::min<std::uint64_t>(effort.messages_max, 100'000);
  return {
      .name = "drain an offline queue, QoS 1", .unit = "messages/s", .measure = [=](BrokerProcess& broker) {
        double before = 0;
        const Throughput measured =
            drain_queue(endpoint_of(broker), messages, [&] { before = broker.processor_seconds(); });
        return std::vector<Value>{rate(measured, broker.processor_seconds() - before)};
      }};
}

}  // namespace

std::vector<Figure> all_figures(const Effort& effort) {
  std::vector<Figure> figures;
  const auto load = [&](int qos, std::size_t publishers, std::size_t subscribers) {
    const auto at_most = [&](std::size_t count) {
      return std::min<std::uint64_t>(count, effort.messages_max);
    };
    return Load{qos, at_most(publishers), at_most(subscribers), effort.messages_max, effort.time};
  };
  for (int qos = 0; qos <= 2; ++qos)
    figures.push_back(throughput("1 to 1, QoS " + std::to_string(qos), load(qos, 1, 1)));
  figures.push_back(throughput("1 to 1, QoS 0, TLS", load(0, 1, 1), /*tls=*/true));
  figures.push_back(throughput("1 to 1, QoS 1, TLS", load(1, 1, 1), /*tls=*/true));
  for (int qos = 0; qos <= 1; ++qos)
    figures.push_back(throughput("50 to 1, QoS " + std::to_string(qos), load(qos, 50, 1)));
  for (const std::size_t subscribers : {10, 100, 1000})
    for (int qos = 0; qos <= 1; ++qos)
      figures.push_back(throughput("1 to " + std::to_string(subscribers) + ", QoS " + std::to_string(qos),
                                   load(qos, 1, subscribers)));
  figures.push_back(latency(effort));
  figures.push_back(connects(effort));
  figures.push_back(memory(effort));
  figures.push_back(drain(effort));
  return figures;
}

}  // namespace mqttvet::bench
