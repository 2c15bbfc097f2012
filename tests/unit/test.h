/* What a unit test includes: cmocka with its prerequisites. cmocka's fail() gives way to ours; use fail_msg(). */
#pragma once
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#undef fail
#undef fail_msg
#define fail_msg(msg, ...) \
    do { \
        print_error("ERROR: " msg "\n", ##__VA_ARGS__); \
        _fail(__FILE__, __LINE__); \
    } while (0)
