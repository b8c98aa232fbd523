# How the tests run in a build with sanitizers: CTest reads the file that is written here, and sets the environment of
# every test by it. (A program started by hand has the sanitizers' defaults.)
if(MQTTVET_SANITIZE MATCHES "address")
  file(WRITE ${CMAKE_BINARY_DIR}/sanitizers.cmake
       "set(ENV{ASAN_OPTIONS} suppressions=${CMAKE_SOURCE_DIR}/cmake/asan.supp)\n"
       "set(ENV{UBSAN_OPTIONS} print_stacktrace=1)\n")
  set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY TEST_INCLUDE_FILES ${CMAKE_BINARY_DIR}/sanitizers.cmake)
endif()
