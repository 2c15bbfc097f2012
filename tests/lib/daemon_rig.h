/* A daemon within a test: handlers, sessions and a simulated host on a loop of its own, with clients over socket pairs. */
#pragma once
#include "daemon/daemon.h"
#include "daemon/session.h"

struct daemon_rig {
    struct daemon d;
    char dir[64];
    unsigned n_rounds;
};

/* More lines of configuration, NULL: none. Aborts when the daemon does not start. */
void daemon_rig_open(struct daemon_rig *r, const char *config);
void daemon_rig_close(struct daemon_rig *r);
void daemon_rig_policy(struct daemon_rig *r, const char *text); /* NULL: none any more */
/* The client's end, nonblocking; caller closes. */
int daemon_rig_client(struct daemon_rig *r, bool readonly);
int daemon_rig_admin(struct daemon_rig *r); /* the same at the admin socket */
void daemon_rig_turn(struct daemon_rig *r); /* what can be done without waiting is done */
/* Turns until no worker is busy, no session is left; false after a while. */
bool daemon_rig_settle(struct daemon_rig *r);

struct rig_reply {
    bool is_there, is_error;
    int code, domain;
    uint32_t serial;
};
/* One frame sent, one read. */
struct rig_reply daemon_rig_call(struct daemon_rig *r, int fd, int proc, const void *payload, size_t len);
