/* A connection to a server of the remote protocol: xvirtd, or any libvirt daemon. Blocking, no
 * threads; one thread at a time may use a client. Every reply is waited for with poll, and pings,
 * events and stream data that come meanwhile are handled or kept. Calls by name with checked types
 * are in client/calls.h: call_domain_get_state(c, &args, &ret, e). */
#pragma once
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "wire/remote.h"

struct client;
struct client_call;
struct client_stream;

/* A question for the user, e.g. a password; type is VIR_CRED_*. The callee fills answer (malloc),
 * which the client frees. */
struct client_question {
    int type;
    const char *prompt, *challenge, *fallback; /* borrowed; may be NULL */
    char *answer;
};
typedef int client_ask_fn(void *context, struct client_question *questions, size_t n,
                          struct err *e);

struct client_options { /* all zero is a fine default */
    bool is_readonly;
    client_ask_fn *ask; /* NULL: authentication that needs an answer fails */
    void *ask_context;
    int connect_timeout_ms;   /* until the socket is connected and open is answered; 0: 30 s */
    int call_timeout_ms;      /* for each reply; 0: as long as the server lives */
    int keepalive_interval_s; /* own pings after so much silence; 0: 5, below 0: none */
    int keepalive_count;      /* unanswered pings until the server counts as dead; 0: 6 */
};

/* Connects, authenticates and opens. uri NULL or "": the default (settings.h); an alias of
 * libvirt.conf will do. Returns NULL on failure; the error says what was tried and what might help.
 * Caller closes with client_close. */
struct client *client_open(const char *uri, const struct client_options *options, struct err *e);
void client_close(
    struct client *c); /* says goodbye, frees; NULL is fine; open streams are freed with it */

bool client_is_alive(const struct client *c);
bool client_has_feature(const struct client *c,
                        int feature); /* VIR_DRV_FEATURE_*; asked once, then remembered */

/* One call of the remote program: sends args, waits for the reply, decodes it into *ret (clear it
 * with wire_clear and the type of wire_proc_find(...)->ret). args and ret are NULL where the
 * procedure has none. An error of the server comes back as *e with the server's code and domain. A
 * connection that dies is ERR_RPC, and stays dead. */
int client_call(struct client *c, int proc, const void *args, void *ret, struct err *e);
int client_call_in(struct client *c, uint32_t program, int proc, const void *args, void *ret,
                   struct err *e);

/* A call whose answer is waited for later: others may be made meanwhile (client_poll lets time pass
 * until something comes). start returns NULL when it cannot be sent; finish waits for the answer,
 * and frees. Every call that was started must be finished before its client is closed. */
struct client_call *client_call_start(struct client *c, int proc, const void *args, struct err *e);
bool client_call_is_done(const struct client_call *k);
int client_call_finish(struct client_call *k, void *ret, struct err *e);

/* Events. They are kept until client_poll hands them out, so a callback may make calls. msg is the
 * decoded message of the event's procedure (struct wire_domain_event_callback_lifecycle_msg, ...);
 * borrowed. Registering with the server is a call as any other. */
typedef void client_event_fn(void *context, int proc, const void *msg);
void client_on_event(struct client *c, client_event_fn *fn, void *context);

/* Waits up to timeout_ms (below 0: for ever) for the server or for one of the caller's own
 * descriptors (revents are set), then hands out events. Returns 1 when something came, 0 on
 * time-out, -1 when the connection is dead. */
int client_poll(struct client *c, struct pollfd *own, size_t n_own, int timeout_ms, struct err *e);

/* Streams. Opening is the call, with its arguments and results; several may be open. */
struct client_stream *client_stream_open(struct client *c, int proc, const void *args, void *ret,
                                         struct err *e);

enum { CLIENT_AGAIN = -2 };
/* Reads up to len bytes: their number, 0 at the end of data, -1 on failure (the server's error),
 * CLIENT_AGAIN when nothing came within timeout_ms (0: do not wait, below 0: wait for ever).
 * *ret_hole (may be NULL) is the length of a hole that comes first; then 0 bytes are read and the
 * return value is CLIENT_AGAIN. */
long client_stream_recv(struct client_stream *s, void *data, size_t len, int timeout_ms,
                        int64_t *ret_hole, struct err *e);
int client_stream_send(struct client_stream *s, const void *data, size_t len, struct err *e);

/* Both wait for the server's answer and free the stream, whatever the result. Finish fails when the
 * server failed. */
int client_stream_finish(struct client_stream *s, struct err *e);
int client_stream_abort(struct client_stream *s, struct err *e);
