// What the libraries of the guests import from libc, held against symbols.txt: nobody may add a way out of
// the simulated world by updating a library.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <link.h>

#include <cstdio>
#include <fstream>

#include "sim/guest/process.h"

namespace mqttvet::sim {
namespace {

const char* const kLibraries[] = {"libpaho-mqttpp3.so", "libpaho-mqtt3as.so", "libstdc++.so",
                                  "libcrypto.so",       "libssl.so",          "libgcc_s.so"};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

std::string output_of(const std::string& command) {
  std::string output;
  std::FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return output;
  char buffer[4096];
  for (std::size_t count; (count = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    output.append(buffer, count);
  pclose(pipe);
  return output;
}

// The file of a library of this process, by the beginning of its name.
std::string path_of(const std::string& library) {
  std::pair<std::string, std::string> search{library, ""};
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* data) {
        auto& [wanted, found] = *static_cast<std::pair<std::string, std::string>*>(data);
        if (std::string_view(info->dlpi_name).find(wanted) != std::string_view::npos) found = info->dlpi_name;
        return 0;
      },
      &search);
  return search.second;
}

// "                 U pthread_create@GLIBC_2.34" -> "pthread_create"
std::set<std::string> imports_from_libc(const std::string& path) {
  std::set<std::string> names;
  std::istringstream lines(output_of("nm -D --undefined-only '" + path + "'"));
  for (std::string line; std::getline(lines, line);) {
    const auto at = line.find("@GLIBC_");
    if (at == std::string::npos) continue;
    const auto space = line.rfind(' ', at);
    names.insert(line.substr(space + 1, at - space - 1));
  }
  return names;
}

// name -> "interposed", "aborts" or "harmless"
std::map<std::string, std::string> allow_list() {
  std::map<std::string, std::string> list;
  std::ifstream file(MQTTVET_GUEST_SYMBOLS);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string treatment;
    words >> treatment;
    for (std::string name; words >> name;) list[name] = treatment;
  }
  return list;
}

// As a function; the linker also copies data such as stderr into the program.
bool defined_here(const std::string& name) {
  void* const here = dlsym(RTLD_DEFAULT, name.c_str());
  Dl_info function{};
  Dl_info program{};
  ElfW(Sym)* symbol = nullptr;
  return here && dladdr1(here, &function, reinterpret_cast<void**>(&symbol), RTLD_DL_SYMENT) != 0 && symbol &&
         ELF64_ST_TYPE(symbol->st_info) == STT_FUNC &&
         dladdr(reinterpret_cast<void*>(&path_of), &program) != 0 && function.dli_fbase == program.dli_fbase;
}

TEST(Symbols, EveryImportOfEveryLibraryIsOnTheList) {
  const auto list = allow_list();
  for (const std::string library : kLibraries) {
    const auto imports = imports_from_libc(path_of(library));
    EXPECT_GT(imports.size(), 3u) << library;
    for (const auto& name : imports) {
      EXPECT_TRUE(list.contains(name))
          << library << " imports " << name << ", which symbols.txt does not name";
    }
  }
}

TEST(Symbols, ProgramDefinesExactlyWhatTheListSays) {
  for (const auto& [name, treatment] : allow_list()) {
    ASSERT_THAT(treatment, testing::AnyOf("interposed", "aborts", "harmless", "interposed-unless-sanitized"))
        << name;
    const bool ours = treatment != "harmless" && !(kSanitized && treatment == "interposed-unless-sanitized");
    EXPECT_EQ(defined_here(name), ours) << name;
  }
}

TEST(Symbols, LibrariesAreTheExpectedOnes) {
  EXPECT_EQ(unexpected_paho(), "");
}

}  // namespace
}  // namespace mqttvet::sim
