/* A fuzz target is one function; libFuzzer drives it (-Dfuzz=true, clang), or replay.c over the files of its corpus. */
#pragma once
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
