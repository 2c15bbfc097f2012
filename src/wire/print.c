#include <inttypes.h>
#include <string.h>

#include "wire/wire.h"

static void print_text(const char *s, size_t n, struct str *out)
{
    str_addc(out, '"');
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '"' || c == '\\')
            str_addf(out, "\\%c", c);
        else if (c < 0x20)
            str_addf(out, "\\u%04x", c);
        else
            str_addc(out, (char)c);
    }
    str_addc(out, '"');
}

static void print_hex(const char *prefix, const void *bytes, size_t n, struct str *out)
{
    const uint8_t *p = bytes;
    str_addf(out, "\"%s", prefix);
    for (size_t i = 0; i < n; i++)
        str_addf(out, "%02x", p[i]);
    str_addc(out, '"');
}

static size_t print_one(const struct wire_field *f, const void *p, struct str *out)
{
    switch ((enum wire_kind)f->kind) {
    case WIRE_K_INT:
    case WIRE_K_ENUM:
        str_addf(out, "%d", *(const int *)p);
        return sizeof(int);
    case WIRE_K_UINT:
        str_addf(out, "%" PRIu32, *(const uint32_t *)p);
        return sizeof(uint32_t);
    case WIRE_K_HYPER:
        str_addf(out, "%" PRId64, *(const int64_t *)p);
        return sizeof(int64_t);
    case WIRE_K_UHYPER:
        str_addf(out, "%" PRIu64, *(const uint64_t *)p);
        return sizeof(uint64_t);
    case WIRE_K_DOUBLE:
        str_addf(out, "%.17g", *(const double *)p);
        return sizeof(double);
    case WIRE_K_CHAR:
        str_addf(out, "%d", *(const signed char *)p);
        return 1;
    case WIRE_K_UCHAR:
        str_addf(out, "%u", *(const uint8_t *)p);
        return 1;
    case WIRE_K_USHORT:
        str_addf(out, "%u", *(const unsigned short *)p);
        return sizeof(unsigned short);
    case WIRE_K_STRING: {
        const char *s = *(char *const *)p;
        print_text(s ? s : "", s ? strlen(s) : 0, out);
        return sizeof(char *);
    }
    case WIRE_K_STRUCT:
        wire_print(f->type, p, out);
        return f->type->size;
    case WIRE_K_OPAQUE:
        break;
    }
    return 1;
}

static void print_array(const struct wire_field *f, const char *p, size_t n, struct str *out)
{
    if (f->kind == WIRE_K_OPAQUE) {
        print_hex("x", p, n, out);
    } else if (f->kind == WIRE_K_CHAR && f->shape == WIRE_S_FIXED) {
        print_text(p, strnlen(p, n), out);
    } else if (f->kind == WIRE_K_CHAR) {
        print_hex("bytes:", p, n, out);
    } else {
        str_addc(out, '[');
        for (size_t i = 0; i < n; i++) {
            str_add(out, i ? ", " : "");
            p += print_one(f, p, out);
        }
        str_addc(out, ']');
    }
}

static void print_field(const struct wire_field *f, const char *base, struct str *out)
{
    const char *at = base + f->offset;
    void *p = NULL;
    size_t n = 0;
    str_addf(out, "\"%s\": ", f->name);
    if (f->shape == WIRE_S_ONE) {
        print_one(f, at, out);
    } else if (f->shape == WIRE_S_FIXED) {
        print_array(f, at, f->max, out);
    } else {
        memcpy(&p, at, sizeof(p));
        if (f->shape == WIRE_S_ARRAY) {
            memcpy(&n, base + f->n_offset, sizeof(n));
            print_array(f, p, n, out);
        } else if (!p) {
            str_add(out, "null");
        } else {
            print_one(f, f->kind == WIRE_K_STRING ? at : p, out);
        }
    }
}

void wire_print(const struct wire_type *t, const void *value, struct str *out)
{
    bool first = true;
    str_addc(out, '{');
    for (size_t i = 0; t && i < t->n_fields; i++) {
        if (t->is_union && t->fields[i].tag != *(const int *)value)
            continue;
        str_add(out, first ? "" : ", ");
        print_field(&t->fields[i], value, out);
        first = false;
    }
    str_addc(out, '}');
}
