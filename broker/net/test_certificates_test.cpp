#include "broker/net/test_certificates.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>

namespace mqttvet::net::testing {
namespace {

int count = 0;  // of authorities: their names differ

template <class Write>
void write_pem(const std::string& file, Write write) {
  std::FILE* out = std::fopen(file.c_str(), "w");
  ASSERT_NE(out, nullptr) << file;
  ASSERT_EQ(write(out), 1) << file;
  std::fclose(out);
}

}  // namespace

struct CertificateAuthority::Signed {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  std::unique_ptr<X509, decltype(&X509_free)> certificate{X509_new(), X509_free};

  void write(const std::string& certificate_file, const std::string& key_file) const {
    write_pem(certificate_file, [&](std::FILE* out) { return PEM_write_X509(out, certificate.get()); });
    write_pem(key_file, [&](std::FILE* out) {
      return PEM_write_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }
};

std::unique_ptr<CertificateAuthority::Signed> CertificateAuthority::sign(const std::string& common_name,
                                                                         const Signed* by) {
  static long serial = 0;
  auto made = std::make_unique<Signed>();
  X509* certificate = made->certificate.get();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, made->key.get());
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, by ? X509_get_subject_name(by->certificate.get()) : subject);
  if (by == nullptr) {
    X509_EXTENSION* ca = X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE");
    X509_add_ext(certificate, ca, -1);
    X509_EXTENSION_free(ca);
  }
  EXPECT_GT(X509_sign(certificate, (by ? by : made.get())->key.get(), EVP_sha256()), 0);
  return made;
}

CertificateAuthority::CertificateAuthority() : self_(sign("authority " + std::to_string(++count), nullptr)) {
  self_->write(certificate_file(), directory_.path() + "/authority.key");
}
CertificateAuthority::~CertificateAuthority() = default;

CertificateAuthority::Files CertificateAuthority::issue(const std::string& common_name) {
  Files files{directory_.path() + "/" + common_name + ".pem", directory_.path() + "/" + common_name + ".key"};
  sign(common_name, self_.get())->write(files.certificate, files.key);
  return files;
}

std::string CertificateAuthority::certificate_file() const {
  return directory_.path() + "/authority.pem";
}

}  // namespace mqttvet::net::testing
