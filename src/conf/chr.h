/* The words for a character device that xl, xm, S-expressions and libxl_domain_config share:
 *   null vc pty stdio   file:PATH pipe:PATH /dev/...   tcp:HOST:PORT[,server[,nowait]]
 *   telnet:HOST:PORT[,...]   udp:[HOST]:PORT[@[BINDHOST]:BINDPORT]   unix:PATH[,server[,nowait]]
 * "none" is no device and is for the caller. */
#pragma once
#include "base/err.h"
#include "conf/value.h"
#include "model/domain.h"

struct conf_ctx;

/* Fills the (empty) *ret. */
int chr_parse(struct conf_ctx *c, struct pos pos, const char *key, const char *text,
              struct chr *ret);
/* Appends the words; an error for what the words cannot say. */
int chr_format(struct conf_ctx *c, const char *key, const struct chr *chr, struct str *out);
