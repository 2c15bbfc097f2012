/* The terminal: raw mode for consoles, questions without echo. */
#pragma once
#include <stdbool.h>
#include <termios.h>

/* stdin in raw mode until tty_restore; false when it is no terminal. */
bool tty_raw(struct termios *old);
void tty_restore(const struct termios *old);
char *tty_ask(const char *prompt,
              bool echo); /* a line, or NULL at the end of input; caller frees with free */
