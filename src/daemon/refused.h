/* Why a call of the protocol has no handler: said in the error, and in docs/calls.md. */
#pragma once

/* NULL: nothing is known about it. */
const char *refused_why(int proc);
