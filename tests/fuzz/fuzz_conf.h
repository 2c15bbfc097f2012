/* The property of all configuration readers: any bytes are read or refused; what was read is
 * written or refused; what was written is read again, and then written the same. */
#pragma once
#include <stdio.h>
#include <stdlib.h>

#include "conf/conf.h"
#include "fuzz.h"

static inline void fuzz_fail(const char *what, const char *first, const char *second)
{
    fprintf(stderr, "%s\n--- first\n%s\n--- second\n%s\n", what, first, second);
    abort();
}

/* Guest number i of a text of several. */
static inline void fuzz_reads_back(enum conf_format format, const struct domain *d, unsigned flags)
{
    CLEANUP_STR struct str first = {0}, second = {0};
    struct conf_opts o = {.flags = flags | CONF_RAW | CONF_SECURE};
    struct domain *again = NULL;
    struct err e = {0};
    if (conf_write(format, d, &o, &first, &e))
        return;
    if (conf_read(format, first.p, first.len, &o, &again, &e))
        fuzz_fail(e.msg, str_get(&first), "");
    if (conf_write(format, again, &o, &second, &e))
        fuzz_fail(e.msg, str_get(&first), "");
    if (!str_eq(str_get(&first), str_get(&second)))
        fuzz_fail("differs", str_get(&first), str_get(&second));
    domain_free(again);
}

static inline int fuzz_conf(enum conf_format format, const uint8_t *data, size_t size)
{
    static const unsigned modes[] = {CONF_RAW, CONF_INACTIVE};
    for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
        struct report report = {0};
        struct conf_opts o = {.flags = modes[i], .filename = "f", .report = i ? NULL : &report};
        struct domains list = {0};
        struct err e = {0};
        if (!conf_read_all(format, (const char *)data, size, &o, &list, &e))
            for (size_t k = 0; k < list.n_items; k++)
                fuzz_reads_back(format, list.items[k], modes[i] & CONF_INACTIVE);
        domains_clear(&list);
        report_clear(&report);
    }
    return 0;
}
