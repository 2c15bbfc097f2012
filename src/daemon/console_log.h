/* Logs of guests' consoles, where the configuration asks for them: then we read each console from
 * its first byte on, write what it says to NAME-CONSOLE.log in the folder console/ (of bounded
 * size, with older ones beside it), and hand a copy to the client that has it open. Loop thread
 * only. */
#pragma once
#include <stdbool.h>

struct consoles;
struct daemon;

struct consoles *consoles_open(struct daemon *d, const char *dir); /* NULL: logs are off */
void consoles_close(struct consoles *l);                           /* accepts NULL */
/* A descriptor in the place of the console's tty at `path`, for one client at a time; -1 when it is
 * not logged. Caller closes it. */
int consoles_attach(struct consoles *l, const char *path);
