# Compiler settings shared by every module.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_C_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")  # the sanitizers' build: assertions stay on

set(MQTTVET_SANITIZE "" CACHE STRING "Sanitizers to build with: empty, 'address,undefined' or 'thread'")

add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough -Werror=return-type)
option(MQTTVET_WERROR "Treat warnings as errors" OFF)
if(MQTTVET_WERROR)
  add_compile_options(-Werror)
endif()
if(MQTTVET_SANITIZE)
  add_compile_options(-fsanitize=${MQTTVET_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${MQTTVET_SANITIZE})
endif()
# The fuzzers' build: clang only. Every library counts what is reached; fuzz/ links libFuzzer.
option(MQTTVET_FUZZ "Build the fuzzers (clang)" OFF)
if(MQTTVET_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
