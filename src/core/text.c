/* Guests as XML: in the store, on the running domain, in saved images. */
#include "conf/conf.h"
#include "priv.h"

int text_write(const struct domain *d, bool is_live, char **ret, size_t *ret_len, struct err *e)
{
    struct conf_opts o = {.flags = CONF_SECURE | (is_live ? 0 : CONF_INACTIVE)};
    CLEANUP_STR struct str out = {0};
    if (conf_write(CONF_XML, d, &o, &out, e))
        return wrap(e, "cannot write guest '%s' as XML", d->name);
    *ret_len = out.len;
    *ret = str_take(&out);
    return 0;
}

int text_read(const char *text, size_t len, bool is_live, struct domain **ret, struct err *e)
{
    struct conf_opts o = {.flags = is_live ? 0 : CONF_INACTIVE};
    return conf_read(CONF_XML, text, len, &o, ret, e);
}
