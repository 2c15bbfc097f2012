/* A call between its decoded arguments and its end: rights that take time to find out. Loop thread
 * only. */
#pragma once

struct call;
struct conn_frame;

/* Asks for its rights and carries it out. CALL_LATER: it goes on by itself, and ends with
 * call_finish. */
int admit_call(struct call *c, const struct conn_frame *f);
/* The answer is ready: what the client may not know of is taken out. CALL_LATER: call_finish comes
 * again. */
int admit_answer(struct call *c);
