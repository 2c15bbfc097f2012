/* Typed parameters of calls, read and written by the names of options. */
#pragma once
#include "cmd.h"
#include "out.h"
#include "wire/param.h"

struct params {
    struct wire_typed_param *p;
    size_t n;
};
void params_clear(struct params *p);
#define CLEANUP_PARAMS CLEANUP(params_clear)

/* Asks a GET_..._PARAMETERS call how many there are, then for them. `about` is the handle (NULL:
 * the host), `device` the second argument where the call has one. A failure of the one or the other
 * is introduced by "Unable to get number of WHAT" or "Unable to get WHAT"; NULL: by nothing. */
int params_get(struct ctl *c, int proc, const struct wire_domain *about, const char *device,
               unsigned flags, const char *what, struct params *ret, struct err *e);
int params_set(struct ctl *c, int proc, const struct wire_domain *about, const char *device,
               unsigned flags, const struct params *p, struct err *e);
/* The value as text. Caller frees. */
char *param_text(const struct wire_typed_param *p);
enum col_kind param_kind(const struct wire_typed_param *p);
/* A value of that type from text, appended; false where it is malformed. */
bool param_add_text(struct params *p, const char *field, int type, const char *text);
/* "name           : value" lines, or JSON. */
void params_print(struct ctl *c, const struct params *p,
                  char *(*text)(const struct wire_typed_param *p));
