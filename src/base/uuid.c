#include "uuid.h"

#include <ctype.h>
#include <sys/random.h>

#include "base/str.h"

void uuid_random(uint8_t uuid[UUID_LEN])
{
    if (getrandom(uuid, UUID_LEN, 0) != UUID_LEN)
        abort(); /* cannot happen for 16 bytes once the pool is up */
    uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
    uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}

bool uuid_parse(const char *s, uint8_t uuid[UUID_LEN])
{
    if (!s)
        return false;
    uint8_t out[UUID_LEN];
    for (int i = 0; i < UUID_LEN; i++) {
        while (*s == '-' || isspace((unsigned char)*s))
            s++;
        int hi = hex_digit(*s);
        int lo = hi < 0 ? -1 : hex_digit(s[1]);
        if (lo < 0)
            return false;
        out[i] = (uint8_t)(hi << 4 | lo);
        s += 2;
    }
    while (isspace((unsigned char)*s))
        s++;
    if (*s)
        return false;
    memcpy(uuid, out, UUID_LEN);
    return true;
}

/* Without printf: a list of guests asks for the rights on each by its text. */
const char *uuid_format(const uint8_t u[UUID_LEN], char text[UUID_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    char *p = text;
    for (int i = 0; i < UUID_LEN; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *p++ = '-';
        *p++ = digits[u[i] >> 4];
        *p++ = digits[u[i] & 15];
    }
    *p = '\0';
    return text;
}

bool uuid_is_zero(const uint8_t uuid[UUID_LEN])
{
    static const uint8_t zero[UUID_LEN];
    return !memcmp(uuid, zero, UUID_LEN);
}

bool uuid_eq(const uint8_t a[UUID_LEN], const uint8_t b[UUID_LEN])
{
    return !memcmp(a, b, UUID_LEN);
}
