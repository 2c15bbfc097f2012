/* Text for scdoc, with what it would take for markup escaped, to stdout. */
#pragma once

void scd_text(const char *s);
