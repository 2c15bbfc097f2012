/* <sysinfo>: what the machine's firmware says of it. */
#pragma once
#include "base/err.h"
#include "base/str.h"

/* dir: where the kernel shows it (/sys/class/dmi/id). */
int sysinfo_write(const char *dir, struct str *out, struct err *e);
