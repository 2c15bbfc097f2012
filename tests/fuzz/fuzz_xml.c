/* Any bytes as domain XML, as read and as completed. What was read is written, and reads back the
 * same. (What was completed does so from the second time on: a disk that was given its bus may
 * move.) */
#include <stdio.h>
#include <stdlib.h>

#include "conf/conf.h"
#include "fuzz.h"

static struct domain *reread(const struct domain *d, unsigned flags)
{
    CLEANUP_STR struct str text = {0};
    struct conf_opts o = {.flags = flags | CONF_RAW | CONF_SECURE};
    struct domain *again = NULL;
    if (conf_write(CONF_XML, d, &o, &text, NULL) ||
        conf_read(CONF_XML, text.p, text.len, &o, &again, NULL))
        abort();
    return again;
}

static void reads_back(const struct domain *d, unsigned flags)
{
    CLEANUP_STR struct str first = {0}, second = {0}, path = {0};
    struct err e = {0};
    struct conf_opts w = {.flags = CONF_SECURE | (flags & CONF_INACTIVE)};
    struct conf_opts r = {.flags = CONF_RAW | (flags & CONF_INACTIVE)};
    struct domain *again = NULL;
    if (conf_write(CONF_XML, d, &w, &first, &e))
        abort();
    if (conf_read(CONF_XML, first.p, first.len, &r, &again, &e)) {
        fprintf(stderr, "%s\n%s", e.msg, first.p);
        abort();
    }
    if (conf_write(CONF_XML, again, &w, &second, &e) || !str_eq(first.p, second.p)) {
        domain_equal(d, again, &path);
        fprintf(stderr, "%s\n%s\n%s", str_get(&path), first.p, second.p);
        abort();
    }
    domain_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned modes[] = {CONF_RAW, CONF_RAW | CONF_INACTIVE, 0, CONF_INACTIVE};
    for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
        struct conf_opts o = {.flags = modes[i]};
        struct domain *d = NULL;
        struct err e = {0};
        if (conf_read(CONF_XML, (const char *)data, size, &o, &d, &e))
            continue;
        if (!(modes[i] & CONF_RAW)) {
            struct domain *settled = reread(d, modes[i]);
            domain_free(d);
            d = settled;
        }
        reads_back(d, modes[i]);
        domain_free(d);
    }
    return 0;
}
