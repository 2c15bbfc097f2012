/* The first two bytes choose the type, the rest is a message. What can be read can be written
 * again, and means the same. */
#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "wire/frame.h"

static void frame_is_safe(const uint8_t *data, size_t size)
{
    struct wire_header h;
    size_t payload;
    if (!wire_header_decode(data, size, &h, &payload, NULL))
        assert(payload <= size && h.n_fds <= WIRE_FDS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    frame_is_safe(data, size);
    if (size < 2)
        return 0;
    const struct wire_type *t = wire_types[(data[0] << 8 | data[1]) % n_wire_types];
    CLEANUP_FREE void *value = mem_new(1, t->size), *again = mem_new(1, t->size);
    CLEANUP_STR struct str first = {0}, second = {0}, text = {0};
    if (wire_decode(t, data + 2, size - 2, value, NULL))
        return 0;
    int r = wire_encode(t, value, &first, NULL);
    assert(!r && first.len <= size - 2);
    r = wire_decode(t, first.p, first.len, again, NULL);
    assert(!r);
    r = wire_encode(t, again, &second, NULL);
    assert(!r && second.len == first.len && (!first.len || !memcmp(first.p, second.p, first.len)));
    wire_print(t, value, &text);
    wire_clear(t, value);
    wire_clear(t, again);
    return 0;
}
