/* A URI that can be read is written so that it reads the same; and the same bytes as libvirt.conf
 * and auth.conf do no harm. */
#include <assert.h>

#include "base/str.h"
#include "client/auth.h"
#include "client/settings.h"
#include "client/uri.h"
#include "fuzz.h"

static void settings_are_safe(const char *text)
{
    CLEANUP_FREE char *uri = settings_default(text), *alias = settings_alias(text, "a");
    CLEANUP_FREE char *value = authfile_find(text, "libvirt", "h", "password");
    (void)uri;
    (void)alias;
    (void)value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_FREE char *text = mem_strn((const char *)data, size);
    struct uri CLEANUP(uri_clear) a = {0}, CLEANUP(uri_clear) b = {0};
    settings_are_safe(text);
    if (uri_parse(text, &a, NULL))
        return 0;
    CLEANUP_FREE char *once = uri_format(&a), *name = uri_server_name(&a);
    if (uri_parse(once, &b, NULL))
        return 0; /* escapes can make it too long, and decoded control characters are written as
                     escapes */
    CLEANUP_FREE char *twice = uri_format(&b);
    assert(str_eq(once, twice) && name);
    assert(str_eq(a.host, b.host) && str_eq(a.path, b.path) && a.port == b.port &&
           a.n_params == b.n_params);
    return 0;
}
