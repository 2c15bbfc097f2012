/* Which URI is meant: the default when none is given, and short names for long ones, from
 * libvirt.conf's uri_default and uri_aliases (the user's file, else the system's). */
#pragma once
#include "base/err.h"

/* The full URI; caller frees; NULL on failure (an alias that nobody defined, a file that cannot be
 * read). text NULL or "": the default, which is $XVIRT_DEFAULT_URI, $LIBVIRT_DEFAULT_URI,
 * uri_default, or xen:///system. */
char *settings_uri(const char *text, struct err *e);

/* The same by the text of a libvirt.conf. */
char *settings_default(const char *conf);                 /* or NULL; caller frees */
char *settings_alias(const char *conf, const char *name); /* or NULL; caller frees */
