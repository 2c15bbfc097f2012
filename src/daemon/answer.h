/* Where a source asks later what became of a guest that it has sent here: the port that the data
 * came to stays open until the source knows. A question is a line, "ask TOKEN" or "known TOKEN";
 * the answer is a letter of core/word.h, or K. The word itself is the core's (struct verdict).
 * Loop thread, but answer_ask and answer_tell. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/migrate.h"

struct daemon;

/* Takes over the listeners fds, where the source of data_fd (duplicated) has just come to. Through
 * a tunnel there are none of both: such a source asks as our client. */
void answer_open(struct daemon *d, const struct verdict *v, const int *fds, size_t n, int data_fd);
/* Nobody else reads from data_fd any more. Not whole: nothing is to be read. */
void answer_received(struct daemon *d, const uint8_t uuid[16], bool is_whole);
/* For one that asks as our client. */
int answer_find(struct daemon *d, const uint8_t uuid[16], const char *token, struct verdict *ret,
                struct err *e);
void answer_known(struct daemon *d, const uint8_t uuid[16]);
void answer_yield(struct daemon *d, int port); /* a new guest is to come to this one */
void answer_open_all(struct daemon *d);        /* those that the last daemon had open */
void answer_close_all(struct daemon *d);

/* --- the source's side; slow, any thread --- */
/* WORD_NONE: not decided yet, or nobody answers. */
enum word answer_ask(const char *uri, const char *token);
void answer_tell(const char *uri, const char *token); /* it knows; unheard: forgotten later */
