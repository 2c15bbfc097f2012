/* What a written text does not say of the guest: it is read back and compared, member by member. So
 * no writer can lose anything in silence. */
#pragma once
#include "conf/row.h"

/* first_note: the report's first entry that the writer made.
 * Adds an entry to the report for every member of d that `text`, just written, does not hold: lost,
 * or approximated where it says something else. Keys are members of struct domain:
 * "disks[0].serial"; kept XML has its path: "cputune/period". */
void loss_note(struct conf_ctx *c, enum conf_format format, const struct domain *d,
               const char *text, size_t len, size_t first_note);
