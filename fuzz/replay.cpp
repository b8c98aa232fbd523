// Runs a fuzz target without a fuzzer: every file of its corpus, then mutations of them that a seed decides.
// This is what ./test runs; a file that a fuzzer left behind is replayed with it too.
//
//   broker_fuzz_replay [--mutations N] [--seconds S] [--seed N] FILE|DIRECTORY...
//
// On a finding the input is in finding.bin of the working directory, and the exit status is not 0.
#include <CLI/CLI.hpp>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "sim/world/random.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using mqttvet::sim::Random;

constexpr std::size_t kInputBytesMax = 4096;

const std::string* running = nullptr;  // the input, for the handler

void keep_finding(int signal) {
  if (std::FILE* file = std::fopen("finding.bin", "wb"); file != nullptr && running != nullptr) {
    std::fwrite(running->data(), 1, running->size(), file);
    std::fclose(file);
    std::fputs("the input is in finding.bin\n", stderr);
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void run(const std::string& input) {
  running = &input;
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::vector<std::string> read_inputs(const std::vector<std::string>& paths) {
  std::vector<std::filesystem::path> files;
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      files.emplace_back(path);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());  // a directory has no order
  std::vector<std::string> inputs;
  for (const auto& file : files) {
    std::ifstream stream(file, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }
  return inputs;
}

void mutate_once(std::string& input, const std::vector<std::string>& others, Random& random) {
  const std::size_t at = random.below(input.size() + 1);
  const std::size_t length = 1 + random.below(16);
  switch (random.below(6)) {
    case 0:
      if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << random.below(8)));
      return;
    case 1:
      if (at < input.size()) input[at] = static_cast<char>(random.below(256));
      return;
    case 2:
      input.insert(at, 1, static_cast<char>(random.below(256)));
      return;
    case 3:
      input.erase(at, length);
      return;
    case 4:
      input.insert(at, input.substr(at, length));
      return;
    default: {
      const std::string& other = others[random.below(others.size())];
      input = input.substr(0, at) + other.substr(random.below(other.size() + 1));
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Runs a fuzz target over files and over mutations of them");
  std::uint64_t mutations = 0;
  std::uint64_t seed = 1;
  int seconds = 3600;
  std::vector<std::string> paths;
  app.add_option("--mutations", mutations, "how many to run after the files");
  app.add_option("--seconds", seconds, "stop after this time, whatever is left");
  app.add_option("--seed", seed, "of the mutations");
  app.add_option("paths", paths, "files and directories")->required()->check(CLI::ExistingPath);
  CLI11_PARSE(app, argc, argv);

  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGILL, SIGBUS}) std::signal(signal, keep_finding);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  const std::vector<std::string> inputs = read_inputs(paths);
  if (inputs.empty()) {
    std::fputs("no input: the directories are empty\n", stderr);
    return 2;
  }
  for (const std::string& input : inputs) run(input);
  Random random(seed);
  std::uint64_t done = 0;
  for (; done < mutations && std::chrono::steady_clock::now() < end; ++done) {
    std::string input = inputs[random.below(inputs.size())];
    for (std::uint64_t times = 1 + random.below(6); times > 0; --times) mutate_once(input, inputs, random);
    input.resize(std::min(input.size(), kInputBytesMax));
    run(input);
  }
  std::printf("%zu inputs and %llu mutations: no finding\n", inputs.size(),
              static_cast<unsigned long long>(done));
  return 0;
}
