#include "word.h"

#include <errno.h>
#include <sys/socket.h>

static const char letters[] = {[WORD_PROMISED] = 'R', [WORD_DONE] = 'D', [WORD_FAILED] = 'F'};

void word_say(int fd, enum word w)
{
    if (fd >= 0) /* a source that does not hear it decides as if the connection broke */
        (void)!send(fd, &letters[w], 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static enum word word_of(char letter, enum word before)
{
    for (enum word w = WORD_PROMISED; w <= WORD_FAILED; w++)
        if (letters[w] == letter)
            return w;
    return before == WORD_NONE ? WORD_LOST : before; /* this is no daemon of ours */
}

enum word word_hear(int fd, enum word before, bool *ret_is_over)
{
    char letter;
    ssize_t n;
    while ((n = recv(fd, &letter, 1, MSG_DONTWAIT)) > 0)
        before = word_of(letter, before);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return before;
    *ret_is_over = true;
    if (before != WORD_NONE)
        return before;
    if (!n)
        return WORD_FAILED;
    return errno == ECONNRESET ? WORD_RESET : WORD_LOST;
}
