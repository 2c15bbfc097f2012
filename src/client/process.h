/* A child process at the other end of a transport: a private daemon, or ssh. */
#pragma once
#include "client/transport.h"

enum process_how {
    PROCESS_STDIO, /* the socket is the child's stdin and stdout; what it says on stderr becomes the
                      error when it ends */
    PROCESS_FD3,   /* the socket is the child's descriptor 3; it keeps our stderr, and no ^C of the
                      terminal reaches it */
};

enum { PROCESS_FD = 3 };

/* argv[0] is looked for in PATH. Closing the transport waits a moment for the child, which is
 * expected to end by itself. */
int process_start(char *const argv[], enum process_how how, struct transport *ret, struct err *e);
