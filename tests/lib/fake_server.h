/* A scripted server for client tests: a child process that listens on a unix socket in a new folder
 * and plays one function to its first connection. The functions below are for that child; they end
 * it with status 1 when the client does something else. */
#pragma once
#include <sys/types.h>

#include "wire/frame.h"
#include "wire/remote.h"

struct fake_server {
    pid_t pid;
    char folder[64];
    char uri[160]; /* xen+unix:///system?socket=... */
};

typedef void fake_script(int fd);
void fake_start(struct fake_server *s, fake_script *script);
int fake_stop(
    struct fake_server *s); /* the child's exit status: 0 when the script came to its end */

/* Reads frames until a call; pongs and pings are skipped. *ret_payload is overwritten by the next
 * one. */
struct wire_header fake_expect(int fd, int proc, const uint8_t **ret_payload, size_t *ret_len);
void fake_expect_frame(int fd, struct wire_header *ret, const uint8_t **ret_payload,
                       size_t *ret_len); /* any frame */
void fake_reply(int fd, const struct wire_header *call, const struct wire_type *t,
                const void *value);
void fake_error(int fd, const struct wire_header *call, int code, const char *text);
void fake_send(int fd, const struct wire_header *h, const struct wire_type *t, const void *value);
void fake_send_raw(int fd, const struct wire_header *h, const void *data, size_t len);
void fake_open(int fd);  /* AUTH_LIST and CONNECT_OPEN */
void fake_close(int fd); /* CONNECT_CLOSE */
