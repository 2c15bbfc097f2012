/* What the files of libxvirt share: errors of ours as errors of the library, and a connection. */
#pragma once
#include "base/err.h"
#include "client/client.h"
#include "xvirt/xvirt.h"

struct xvirt_conn {
    struct client *client;
    xvirt_event_fn *on_event;
    void *event_arg;
    xvirt_ask_fn *ask;
    void *ask_arg;
};

/* Copies what went wrong, where the caller wants to know; returns rc. */
int lib_told(const struct err *from, struct xvirt_error *to, int rc);
