/* Names of disks as the guest sees them: hda, sdb, xvdc1, fda, vdaa. */
#pragma once

#include "model/domain.h"

int disk_number(const char *target); /* hda 0, xvdb1 1; -1 when the name is none of these */
enum disk_bus disk_bus_of(const char *target, enum disk_device device); /* what libvirt takes */
