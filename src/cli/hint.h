/* What might help after a failure. For people: shown on a terminal alone. */
#pragma once
#include "cmd.h"

/* Prints a hint on stderr, or nothing. words: the command line that failed. */
void hint_print(const struct err *e, size_t n, char *const *words);
