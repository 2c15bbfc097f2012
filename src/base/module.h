/* Parts of xvirt in shared objects of their own, loaded when they are asked for, so that a program
 * does not start with libraries that it does not use. They stay loaded until it ends. */
#pragma once
#include "base/err.h"

/* The table `symbol` in `file` of the folder dir; dir NULL: where the build leaves it, that is the
 * folder of the running program with `built` after it, if it is there, else where it is installed.
 * Every such table begins with an int, its ABI, which must be `abi`. NULL: `what` cannot be had,
 * and *e says why. */
const void *module_load(const char *dir, const char *built, const char *file, const char *symbol,
                        int abi, const char *what, struct err *e);
