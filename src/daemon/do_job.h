/* A job as typed parameters: of statistics, and of the event of its end. */
#pragma once
#include "core/guest.h"
#include "wire/param.h"

void job_params(const struct guest_job_info *j, bool has_ended, struct wire_typed_param **p,
                size_t *n);
