/* What an XPath expression finds in a document, as text. Any thread. */
#pragma once
#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

/* Appends the nodes that are found, a line end after each; wrap: all within one element <nodes>. It
 * is an error when there is none. */
int xpath_find(const char *xml, const char *expression, bool wrap, struct str *ret, struct err *e);
