// One network connection of a raw client: packets instead of bytes.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "conformance/wire/wire.h"
#include "sim/network/network.h"

namespace mqttvet::sim {

class RawConnection {
 public:
  struct Events {
    std::function<void()> opened;
    std::function<void(wire::Packet)> packet;
    std::function<void(std::string)>
        lost;  // once, unless close() came first; the object may be destroyed in it
  };
  RawConnection(EndpointPtr endpoint, wire::Version version, Events events);
  ~RawConnection() { close(); }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  void send(const wire::Packet& packet) { send_bytes(wire::encode(packet, version_)); }
  void send_bytes(std::string_view bytes);
  void close();  // no event follows

 private:
  void changed();
  bool read_packets();  // false: closed meanwhile
  void write();
  void lose(std::string text);

  EndpointPtr endpoint_;
  const wire::Version version_;
  Events events_;
  wire::Reader reader_;
  std::string unwritten_;
  bool open_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace mqttvet::sim
