/* Live migration, the guest's side: the daemon calls these as the steps of the protocol arrive, and
 * brings the connected sockets (blocking; taken over). At no instant do both sides run the guest:
 * what arrives stays paused until it is finished, what was sent stays suspended until it is
 * confirmed. Between two daemons of ours the data connection then carries one byte the other way
 * for each step of the decision (word.h), so that the source knows what has become of its guest
 * also when those who should confirm it are gone. Loop thread. */
#pragma once
#include "core/guest.h"
#include "core/word.h"

struct host;

/* ---- where it runs ---- */
int guest_migrate_check(const struct guest *g, struct err *e); /* could it be sent now? */
/* The same, and nobody else may change it until it is confirmed, or dropped. */
int guest_migrate_begin(struct guest *g, struct err *e);
/* It is not sent after all, also when it is just being sent. One that was sent is not touched. */
void guest_migrate_drop(struct guest *g);
/* Sends it. On success it is suspended and waits for its confirmation; on failure it runs on.
 * has_words: the other end of the socket is a daemon of ours, which will say what becomes of it. */
int guest_migrate_send(struct guest *g, int fd, bool live, bool has_words, guest_done *done,
                       void *arg, struct err *e);

enum migrate_end {
    MIGRATE_DONE,      /* it runs there: what is here goes */
    MIGRATE_CANCELLED, /* it does not run there, whoever asks is sure */
    MIGRATE_UNKNOWN    /* nobody has told: the other daemon's words decide, if there are any */
};
/* What was sent is destroyed (and undefined if that is asked for), or runs on here. It fails, and
 * the guest stays suspended, when nobody can tell where it runs; also when the other host has said
 * that it runs it, whatever `end` is. */
int guest_migrate_confirm(struct guest *g, enum migrate_end end, bool undefine, guest_done *done,
                          void *arg, struct err *e);
bool guest_is_sent(const struct guest *g);
/* What this daemon needs to conclude it alone, also after a restart. Borrowed. */
struct migrate_terms {
    const char *peer;  /* URI of the daemon that can be asked, or NULL; */
    const char *token; /* what it answers to; not NULL and peer a tcp: URI: that of the data */
    bool undefines;
};
void guest_migrate_set_terms(struct guest *g,
                             const struct migrate_terms *t); /* before it is sent */
/* Of one that is sent; false: there is nobody to ask. */
bool guest_migrate_terms(const struct guest *g, struct migrate_terms *ret);
/* Bytes per second at most, from now on; 0: no limit. What is being sent obeys too. */
void guest_migrate_set_speed(struct guest *g, uint64_t bytes);
uint64_t guest_migrate_speed(const struct guest *g);

/* ---- where it comes to ---- */
/* Takes over d and persist (NULL: as d), the definition that it gets. Keeps name and uuid for it;
 * it must be finished, be it cancelled. */
int host_migrate_prepare(struct host *h, struct domain *d, struct domain *persist,
                         struct guest **ret, struct err *e);
/* Builds it from the socket. done: all has come, or not (then nothing of it is left but the place).
 */
int guest_migrate_receive(struct guest *g, int fd, bool has_words, guest_done *done, void *arg,
                          struct err *e);
/* cancelled: what has come is removed. Else it runs (unless paused), once all has come. */
int guest_migrate_finish(struct guest *g, bool cancelled, bool paused, bool persist,
                         guest_done *done, void *arg, struct err *e);
/* Nobody will finish it any more, or hear of it: cancelled, unless it runs already. */
void guest_migrate_forsake(struct guest *g);
bool guest_is_expected(const struct guest *g); /* prepared, not finished */

/* ---- what became of it, for a source that asks later (verdict.c) ---- */
enum { VERDICT_TOKEN = 33 }; /* 32 hex digits */
struct verdict {
    uint8_t uuid[16];
    enum word word; /* NONE: not decided; DONE: it has run here; FAILED: it has not, and will not */
    int port;       /* where the source asks; 0: as the client of this daemon that it was before */
    char token[VERDICT_TOKEN]; /* what it has to know */
    int64_t since_s;           /* the word is what it is since then; seconds of the clock */
};
/* Before its data comes; the word follows by itself. Replaces an older one of the guest. */
int host_verdict_open(struct host *h, const struct verdict *v, struct err *e);
void host_verdict_close(struct host *h, const uint8_t uuid[16]);
bool host_verdict_find(struct host *h, const uint8_t uuid[16], struct verdict *ret);
size_t host_verdicts(struct host *h, struct verdict **ret); /* caller frees *ret with free */
