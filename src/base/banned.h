/* Force-included everywhere (meson.build). Calls that have hurt C programs do not compile here;
 * base/ offers what to use. Their headers come first, so that the macros cannot meet the
 * declarations. */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// clang-format off
#define strcpy(...) banned_use_mem_str(__VA_ARGS__)
#define strcat(...) banned_use_str_add(__VA_ARGS__)
#define strncpy(...) banned_use_mem_strn(__VA_ARGS__)
#define strncat(...) banned_use_str_addn(__VA_ARGS__)
#define sprintf(...) banned_use_snprintf(__VA_ARGS__)
#define vsprintf(...) banned_use_vsnprintf(__VA_ARGS__)
#define strtok(...) banned_use_strchr(__VA_ARGS__)
#define atoi(...) banned_use_parse_i64(__VA_ARGS__)
#define atol(...) banned_use_parse_i64(__VA_ARGS__)
#define atof(...) banned_use_parse_double(__VA_ARGS__)
#define strtol(...) banned_use_parse_i64(__VA_ARGS__)
#define strtoll(...) banned_use_parse_i64(__VA_ARGS__)
#define strtoul(...) banned_use_parse_u64(__VA_ARGS__)
#define strtoull(...) banned_use_parse_u64(__VA_ARGS__)
#define localtime(...) banned_use_localtime_r(__VA_ARGS__)
#define gmtime(...) banned_use_gmtime_r(__VA_ARGS__)
#define gets(...) banned_use_fgets(__VA_ARGS__)
#define tmpnam(...) banned_use_mkstemp(__VA_ARGS__)
#define system(...) banned_use_posix_spawn(__VA_ARGS__)
#define popen(...) banned_use_posix_spawn(__VA_ARGS__)
#undef alloca
#define alloca(...) banned_use_mem_new(__VA_ARGS__)
