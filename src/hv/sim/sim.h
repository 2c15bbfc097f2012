/* Orders to the simulated host, for tests in the same program; others use its control socket. */
#pragma once
#include "base/str.h"
#include "hv/hv.h"

/* One line, as control.c lists them; it is cut into words. Answers go to out. */
int sim_order(struct hv *h, char *line, struct str *out, struct err *e);
