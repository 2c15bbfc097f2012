#include "word.h"

#include <errno.h>
#include <sys/socket.h>

static const char letters[] = {
    [WORD_NONE] = '?', [WORD_PROMISED] = 'R', [WORD_DONE] = 'D', [WORD_FAILED] = 'F'};

char word_letter(enum word w)
{
    return w <= WORD_FAILED ? letters[w] : letters[WORD_NONE];
}

enum word word_of_letter(char letter)
{
    for (enum word w = WORD_PROMISED; w <= WORD_FAILED; w++)
        if (letters[w] == letter)
            return w;
    return WORD_NONE;
}

void word_acknowledge(int fd)
{
    if (fd >= 0)
        (void)!send(fd, "K", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void word_say(int fd, enum word w)
{
    if (fd >= 0) /* a source that does not hear it decides as if the connection broke */
        (void)!send(fd, &letters[w], 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static enum word word_of(char letter, enum word before)
{
    enum word w = word_of_letter(letter);
    if (w == WORD_NONE && before == WORD_NONE)
        return WORD_LOST; /* this is no daemon of ours */
    return w == WORD_NONE ? before : w;
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
