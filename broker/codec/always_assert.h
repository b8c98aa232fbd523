// assert(), on in every build: a broken contract of our own ends the program, whatever NDEBUG says.
#pragma once

#undef NDEBUG
#include <cassert>
