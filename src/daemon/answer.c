#include "daemon/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/uuid.h"
#include "core/host.h"
#include "daemon/daemon.h"
#include "daemon/datalink.h"

enum {
    ANSWERS_MAX = 32,  /* of the 65 ports; the oldest goes */
    QUESTIONS_MAX = 4, /* that are connected to one of them */
    LINE_MAX_BYTES = 64,
    ASKER_MS = 10000,
    LOOK_MS = 3600000,  /* how long at least it is said what became of a guest */
    RUNS_S = 24 * 3600, /* and of one that runs here, at most: then a person decides there */
};

struct question {
    struct question *next;
    struct answer *answer;
    int fd;
    struct loop_fd *watch;
    struct loop_timer *timer;
    char line[LINE_MAX_BYTES];
    size_t len;
};

struct answer {
    struct answer *next, **prev;
    struct daemon *daemon;
    struct verdict verdict; /* its word is read anew for each question */
    int fds[DATALINK_ADDRESSES];
    struct loop_fd *watches[DATALINK_ADDRESSES];
    size_t n_fds;
    int data_fd; /* -1: gone */
    struct loop_fd *data_watch;
    struct loop_timer *timer; /* until it is forgotten */
    struct question *questions;
};

static void question_free(struct question *a)
{
    struct question **p = &a->answer->questions;
    while (*p != a)
        p = &(*p)->next;
    *p = a->next;
    loop_fd_close(a->watch);
    loop_timer_close(a->timer);
    close(a->fd);
    free(a);
}

static void hang_up(struct answer *a)
{
    loop_fd_close(take(a->data_watch));
    close_fd(&a->data_fd);
    a->data_fd = -1;
}

static void close_listeners(struct answer *a)
{
    for (size_t i = 0; i < a->n_fds; i++) {
        loop_fd_close(a->watches[i]);
        close(a->fds[i]);
    }
    a->n_fds = 0;
}

static void answer_free(struct answer *a)
{
    *a->prev = a->next;
    if (a->next)
        a->next->prev = a->prev;
    while (a->questions)
        question_free(a->questions);
    hang_up(a);
    close_listeners(a);
    loop_timer_close(a->timer);
    free(a);
}

static void forget(struct answer *a)
{
    host_verdict_close(a->daemon->host, a->verdict.uuid);
    answer_free(a);
}

/* A guest that runs here must not run there, so a source that is away has a day to ask; one that
 * does not, or not any more, may stay suspended there until somebody looks. */
static void on_old(void *arg)
{
    struct answer *a = arg;
    struct verdict v;
    const struct guest *g = host_find_uuid(a->daemon->host, a->verdict.uuid, NULL);
    bool is_open = g && (guest_is_expected(g) || guest_is_active(g));
    if (!host_verdict_find(a->daemon->host, a->verdict.uuid, &v) || v.word == WORD_FAILED ||
        !is_open || time(NULL) - v.since_s > RUNS_S)
        forget(a);
}

static struct answer *find(const struct daemon *d, const uint8_t uuid[16])
{
    struct answer *a = d->answers;
    while (a && !uuid_eq(a->verdict.uuid, uuid))
        a = a->next;
    return a;
}

/* --- questions --- */

static void reply(struct question *a)
{
    struct answer *w = a->answer;
    char word[8] = "", token[VERDICT_TOKEN] = "", letter = '?';
    struct verdict v;
    bool is_good = sscanf(a->line, "%7s %32s", word, token) == 2 &&
                   str_eq(token, w->verdict.token) &&
                   host_verdict_find(w->daemon->host, w->verdict.uuid, &v);
    bool is_known = is_good && str_eq(word, "known");
    if (is_good)
        letter = is_known ? 'K' : word_letter(v.word);
    if (is_known) /* whoever hears K finds nothing here any more */
        close_listeners(w);
    (void)!send(a->fd, &letter, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    question_free(a);
    if (is_known)
        forget(w);
}

static void on_question(void *arg, int events)
{
    struct question *a = arg;
    ssize_t n = recv(a->fd, a->line + a->len, sizeof(a->line) - 1 - a->len, MSG_DONTWAIT);
    if (n <= 0) {
        question_free(a);
        return;
    }
    a->len += (size_t)n;
    a->line[a->len] = '\0';
    if (memchr(a->line, '\n', a->len))
        reply(a);
    else if (a->len == sizeof(a->line) - 1)
        question_free(a);
}

static void on_late_question(void *arg)
{
    question_free(arg);
}

static size_t count_questions(const struct answer *a)
{
    size_t n = 0;
    for (const struct question *k = a->questions; k; k = k->next)
        n++;
    return n;
}

static void on_asker(void *arg, int events)
{
    struct answer *w = arg;
    struct err e = {0};
    for (size_t i = 0; i < w->n_fds; i++) {
        int fd = accept4(w->fds[i], NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            continue;
        struct question *a = NEW(struct question);
        *a = (struct question){.next = w->questions, .answer = w, .fd = fd};
        w->questions = a;
        a->watch = loop_fd_open(w->daemon->loop, fd, LOOP_READ, on_question, a, &e);
        a->timer = loop_timer_open(w->daemon->loop, on_late_question, a);
        loop_timer_start(a->timer, ASKER_MS, 0);
        if (!a->watch || count_questions(w) > QUESTIONS_MAX)
            question_free(a);
    }
}

/* --- on the connection that the data came over --- */

static void on_data(void *arg, int events)
{
    struct answer *a = arg;
    char letter = 0;
    ssize_t n = recv(a->data_fd, &letter, 1, MSG_DONTWAIT);
    if (n > 0 && letter == 'K')
        forget(a);
    else if (n >= 0 || (errno != EAGAIN && errno != EINTR))
        hang_up(a); /* it will ask */
}

void answer_received(struct daemon *d, const uint8_t uuid[16], bool is_whole)
{
    struct answer *a = find(d, uuid);
    struct err e = {0};
    if (!a || a->data_fd < 0 || a->data_watch)
        return;
    if (is_whole)
        a->data_watch = loop_fd_open(d->loop, a->data_fd, LOOP_READ, on_data, a, &e);
    if (!a->data_watch)
        hang_up(a);
}

/* --- opening --- */

static void make_room(struct daemon *d)
{
    struct answer *oldest = NULL;
    size_t n = 0;
    for (struct answer *a = d->answers; a; a = a->next, n++)
        oldest = a;
    if (n >= ANSWERS_MAX)
        forget(oldest);
}

static struct answer *answer_new(struct daemon *d, const struct verdict *v, const int *fds,
                                 size_t n, struct err *e)
{
    struct answer *a = NEW(struct answer);
    *a = (struct answer){
        .next = d->answers, .prev = &d->answers, .daemon = d, .verdict = *v, .data_fd = -1};
    if (a->next)
        a->next->prev = &a->next;
    d->answers = a;
    a->timer = loop_timer_open(d->loop, on_old, a);
    loop_timer_start(a->timer, LOOK_MS, LOOK_MS);
    if (n)
        memcpy(a->fds, fds, n * sizeof(*fds));
    a->n_fds = n;
    for (size_t i = 0; i < n; i++) {
        a->watches[i] = loop_fd_open(d->loop, fds[i], LOOP_READ, on_asker, a, e);
        if (a->watches[i])
            continue;
        answer_free(a);
        return NULL;
    }
    return a;
}

void answer_open(struct daemon *d, const struct verdict *v, const int *fds, size_t n, int data_fd)
{
    struct answer *old = find(d, v->uuid);
    struct err e = {0};
    if (old)
        answer_free(old);
    make_room(d);
    struct answer *a = answer_new(d, v, fds, n, &e);
    if (!a || host_verdict_open(d->host, v, &e))
        log_msg(LOG_ERROR, "a source that asks later is not answered: %s", e.msg);
    if (a && data_fd >= 0)
        a->data_fd = fcntl(data_fd, F_DUPFD_CLOEXEC, 0);
}

int answer_find(struct daemon *d, const uint8_t uuid[16], const char *token, struct verdict *ret,
                struct err *e)
{
    return find(d, uuid) && host_verdict_find(d->host, uuid, ret) && str_eq(ret->token, token)
               ? 0
               : fail(e, ERR_NO_DOMAIN, "nothing is known of such a migration");
}

void answer_known(struct daemon *d, const uint8_t uuid[16])
{
    struct answer *a = find(d, uuid);
    if (a)
        forget(a);
}

/* At any address: what the first listener was bound to may not be there yet. */
void answer_open_all(struct daemon *d)
{
    struct verdict *all;
    size_t n = host_verdicts(d->host, &all);
    for (size_t i = 0; i < n; i++) {
        int fds[DATALINK_ADDRESSES], port = all[i].port;
        struct err e = {0};
        size_t n_fds = 0;
        if ((port && datalink_listen(NULL, &port, fds, &n_fds, &e)) ||
            !answer_new(d, &all[i], fds, n_fds, &e))
            log_msg(LOG_WARN, "a source that asks later is not answered: %s", e.msg);
    }
    free(all);
}

/* The older source's daemon has to wait for this one's next. */
void answer_yield(struct daemon *d, int port)
{
    for (struct answer *a = d->answers; port && a; a = a->next)
        if (a->verdict.port == port)
            close_listeners(a);
}

void answer_close_all(struct daemon *d)
{
    while (d->answers)
        answer_free(d->answers);
}

/* --- the source's side --- */

static char ask(const char *uri, const char *word, const char *token)
{
    CLEANUP_FREE char *line = mem_printf("%s %s\n", word, token);
    CLEANUP_CLOSE int fd = -1;
    const struct timeval limit = {.tv_sec = ASKER_MS / 1000};
    struct err e = {0};
    char letter;
    if (datalink_connect(uri, &fd, &e))
        return 0;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    bool is_heard = send(fd, line, strlen(line), MSG_NOSIGNAL) == (ssize_t)strlen(line) &&
                    recv(fd, &letter, 1, 0) == 1;
    return is_heard ? letter : 0;
}

enum word answer_ask(const char *uri, const char *token)
{
    return word_of_letter(ask(uri, "ask", token));
}

void answer_tell(const char *uri, const char *token)
{
    (void)ask(uri, "known", token);
}
