// For the tests of this folder: authorities and certificates, made when they are needed and valid for an
// hour.
#pragma once

#include <memory>
#include <string>

#include "broker/storage/testing/temporary_directory.h"

namespace mqttvet::net::testing {

// An authority in a directory of its own, and what it has signed.
class CertificateAuthority {
 public:
  CertificateAuthority();
  ~CertificateAuthority();

  struct Files {
    std::string certificate;
    std::string key;
  };
  // A certificate with this common name, and its key, as PEM files. Calling again for the name replaces them.
  Files issue(const std::string& common_name);

  std::string certificate_file() const;  // of the authority

 private:
  struct Signed;
  static std::unique_ptr<Signed> sign(const std::string& common_name, const Signed* by);

  storage::testing::TemporaryDirectory directory_;
  std::unique_ptr<Signed> self_;
};

}  // namespace mqttvet::net::testing
