/* The daemon as a whole: what every session and handler can reach. Loop thread only. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "core/host.h"
#include "daemon/config.h"
#include "daemon/hostcaps.h"
#include "daemon/metrics.h"
#include "daemon/polkit.h"
#include "loop/loop.h"
#include "net/server.h"

struct asking;
struct answer;
struct inquiry;
struct audit;
struct consoles;
struct departure;
struct http;
struct landing;
struct net_remote;
struct p2p;
struct policy;
struct pools;
struct storage_work;
struct session;
struct stream;

struct daemon {
    struct loop *loop;
    struct host *host;
    struct server *server, *admin;
    uint64_t last_client_id;
    struct loop_timer *idle_timer; /* ends a daemon that nobody uses; NULL: never */
    uint32_t idle_s;
    struct config config;
    struct hostcaps hostcaps;
    const char *run_dir;
    char *relay_dir; /* sockets of the other drivers' daemons; NULL: nothing is relayed */
    struct event_listener *listener;
    struct session *sessions; /* all clients */
    struct stream *streams;   /* all open streams */
    struct pools *pools;      /* where no other daemon looks after storage */
    unsigned n_storage;       /* workers at its files */
    struct storage_work *storage_waiting;
    struct departure *departures; /* guests that clients are taking to other hosts, */
    struct landing *landings;     /* that come from there, */
    struct p2p *p2ps;             /* and that we take there ourselves; */
    struct inquiry *inquiries;    /* that have gone, and we do not know whether they run there; */
    struct answer *answers;       /* and that have come, whose sources may ask the same */
    const struct net_remote *remote; /* TLS and SASL; NULL: nothing needs them */
    const struct polkit_ops *polkit; /* NULL: the same */
    unsigned n_polkit;               /* checks under way */
    bool asks_polkit;                /* about each right of each call */
    unsigned n_asking, n_asks_waiting;
    struct asking *asks_waiting;
    struct policy *policy; /* NULL: all rights to everybody */
    struct audit *audit;
    struct http *http;
    struct metrics metrics;
    struct consoles *consoles; /* NULL: they are not logged */
    bool has_tls, has_tcp;     /* it serves them */
    int lock_fd;               /* holds the instance's lock */
    bool is_stopping;
    bool stops_when_idle; /* --private: no client, no daemon */
};
