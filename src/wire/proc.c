#include "wire/proc.h"

#include <string.h>

const struct wire_program *wire_program_find(uint32_t program)
{
    for (size_t i = 0; i < n_wire_programs; i++)
        if (wire_programs[i].number == program)
            return &wire_programs[i];
    return NULL;
}

const struct wire_proc *wire_proc_find(uint32_t program, int nr)
{
    const struct wire_program *p = wire_program_find(program);
    if (!p || nr < 1 || (size_t)nr > p->n_procs)
        return NULL;
    return &p->procs[nr - 1];
}

const char *wire_proc_name(uint32_t program, int nr)
{
    const struct wire_proc *p = wire_proc_find(program, nr);
    return p ? p->name : "?";
}

bool wire_when_holds(const struct wire_when *w, const void *args)
{
    uint32_t v = 0;
    if (w->kind != WIRE_WHEN_ALWAYS)
        memcpy(&v, (const char *)args + w->offset, sizeof(v));
    switch ((enum wire_when_kind)w->kind) {
    case WIRE_WHEN_ALWAYS:
        return true;
    case WIRE_WHEN_ANY:
        return v & w->value;
    case WIRE_WHEN_NONE:
        return !(v & w->value);
    case WIRE_WHEN_EQUAL:
        return v == w->value;
    }
    return true;
}

bool wire_proc_readonly_ok(const struct wire_proc *p, const void *args)
{
    if (!(p->flags & WIRE_P_RO))
        return false;
    return !(p->flags & WIRE_P_RO_EXCEPT) || !wire_when_holds(&p->ro_except, args);
}
