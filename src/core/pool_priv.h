/* Between pool.c and pool_xml.c. */
#pragma once
#include "base/file.h"

struct err;
struct pool;

/* Fills name, path, uuid (zero where it has none) and mode. */
int pool_parse_xml(const char *xml, struct pool *ret, struct err *e);
