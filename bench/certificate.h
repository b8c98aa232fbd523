// A certificate for a broker that is to speak TLS: self-signed, valid for a day.
#pragma once

#include <string>

namespace mqttvet::bench {

struct CertificateFiles {  // in PEM form
  std::string certificate;
  std::string key;
};

// Writes them into this directory; std::runtime_error if it can't.
CertificateFiles make_certificate(const std::string& directory);

}  // namespace mqttvet::bench
