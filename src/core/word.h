/* What the daemon that takes a guest in tells the one that has sent it, on the data connection
 * after the guest's image: a byte each.
 *
 *   R  it will run it, now      nothing can be taken back from here on
 *   D  it runs it               the source may remove its own
 *   F  it does not run it       the source may run it again
 *   the connection ends without a word: as F. It is only closed by a daemon that has not decided,
 *   or by its death, and what has not been promised is removed by the next daemon's start.
 *   the connection is reset: it had not read all of the guest, so most likely as F; a middlebox can
 *   do that too, so it is believed only if the client says the same
 *   the connection breaks in another way: nobody knows
 *
 * The promise comes before the guest runs, so a source that has heard nothing can run it.
 *
 *   K  from the source: it has concluded what it heard, and will not ask again (verdict.c) */
#pragma once
#include <stdbool.h>

enum word { WORD_NONE, WORD_PROMISED, WORD_DONE, WORD_FAILED, WORD_RESET, WORD_LOST };

void word_say(int fd, enum word w);    /* PROMISED, DONE or FAILED; fd below 0: nobody listens */
void word_acknowledge(int fd);         /* the source's K */
char word_letter(enum word w);         /* '?' for NONE */
enum word word_of_letter(char letter); /* NONE: no letter of ours, or '?' */
/* What has come since; WORD_NONE: nothing yet. `before` is what was known. */
enum word word_hear(int fd, enum word before, bool *ret_is_over);
