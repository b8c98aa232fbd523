// Bytes on the wire. A std::string is the byte container everywhere: it has a small-buffer form (an
// acknowledgement allocates nothing), and fmt, SQLite and the sockets all take it as it is.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace mqttvet::codec {

using Bytes = std::string;
using BytesView = std::string_view;
using SharedBytes = std::shared_ptr<const Bytes>;

}  // namespace mqttvet::codec
