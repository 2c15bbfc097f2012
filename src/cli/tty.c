#include "tty.h"

#include <unistd.h>

#include "base/mem.h"

bool tty_raw(struct termios *old)
{
    if (!isatty(0) || tcgetattr(0, old))
        return false;
    struct termios raw = *old;
    cfmakeraw(&raw);
    return !tcsetattr(0, TCSAFLUSH, &raw);
}

void tty_restore(const struct termios *old)
{
    tcsetattr(0, TCSAFLUSH, old);
}

char *tty_ask(const char *prompt, bool echo)
{
    struct termios old;
    bool hidden = !echo && isatty(0) && !tcgetattr(0, &old);
    if (hidden) {
        struct termios quiet = old;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(0, TCSAFLUSH, &quiet);
    }
    fprintf(stderr, "%s: ", prompt);
    char *line = NULL;
    size_t cap = 0;
    ssize_t n = getline(&line, &cap, stdin);
    if (hidden) {
        tcsetattr(0, TCSAFLUSH, &old);
        fputc('\n', stderr);
    }
    if (n <= 0) {
        free(line);
        return NULL;
    }
    if (line[n - 1] == '\n')
        line[n - 1] = 0;
    return line;
}
