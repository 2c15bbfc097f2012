#include "conf/xl_doc.h"
static const struct row rows[] = {R_STR("name", xl_doc, d.name)};
const struct row_table xm_table = {"", rows, sizeof(rows) / sizeof(*rows)};
