/* The filter bits of CONNECT_LIST_ALL_DOMAINS, which other calls share. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct guest;
bool list_wants(const struct guest *g, uint32_t flags);
