#include "daemon/keys.h"

#include <stddef.h>

#include "wire/consts.h"

/* QEMU counts as the scan codes of the XT do, with 0x80 for those behind an 0xe0. Linux's codes are
 * the same up to F12, but for none; these are the others (linux/input-event-codes.h). */
enum { SAME_MAX = 83, KEY_SYSRQ = 99, KEY_ALT = 56, XT_SYSRQ = 0x54, EXTENDED = 0x80 };

static const struct {
    uint8_t linux_code, qemu;
} others[] = {
    {86, 0x56},  /* 102nd */
    {87, 0x57},  /* F11 */
    {88, 0x58},  /* F12 */
    {96, 0x9c},  /* keypad enter */
    {97, 0x9d},  /* right control */
    {98, 0xb5},  /* keypad slash */
    {99, 0x54},  /* system request */
    {100, 0xb8}, /* right alt */
    {102, 0xc7}, /* home */
    {103, 0xc8}, /* up */
    {104, 0xc9}, /* page up */
    {105, 0xcb}, /* left */
    {106, 0xcd}, /* right */
    {107, 0xcf}, /* end */
    {108, 0xd0}, /* down */
    {109, 0xd1}, /* page down */
    {110, 0xd2}, /* insert */
    {111, 0xd3}, /* delete */
    {113, 0xa0}, /* mute */
    {114, 0xae}, /* volume down */
    {115, 0xb0}, /* volume up */
    {116, 0xde}, /* power */
    {119, 0xc6}, /* pause */
    {125, 0xdb}, /* left meta */
    {126, 0xdc}, /* right meta */
    {127, 0xdd}, /* menu */
};

static bool from_linux(uint32_t code, uint32_t *ret)
{
    *ret = code;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (others[i].linux_code == code) {
            *ret = others[i].qemu;
            return true;
        }
    return code && code <= SAME_MAX;
}

bool key_to_qemu(uint32_t set, uint32_t code, uint32_t *ret)
{
    switch (set) {
    case VIR_KEYCODE_SET_LINUX:
        return from_linux(code, ret);
    case VIR_KEYCODE_SET_XT:
    case VIR_KEYCODE_SET_ATSET1: /* 0xe01d, or 0x9d, for extended ones */
        *ret = code >> 8 == 0xe0 ? (code & 0x7f) | EXTENDED : code;
        return code && *ret <= 0xff;
    case VIR_KEYCODE_SET_XT_KBD:
    case VIR_KEYCODE_SET_QNUM:
        *ret = code;
        return code && code <= 0xff;
    default:
        return false;
    }
}

bool key_is_sysrq(uint32_t set, uint32_t code)
{
    uint32_t q;
    return key_to_qemu(set, code, &q) && q == XT_SYSRQ;
}

bool key_letter(uint32_t set, uint32_t code, char *ret)
{
    static const struct {
        uint8_t first;
        const char *letters;
    } rows[] = {{2, "1234567890"}, {16, "qwertyuiop"}, {30, "asdfghjkl"}, {44, "zxcvbnm"}};
    uint32_t q;
    if (!key_to_qemu(set, code, &q))
        return false;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        for (uint32_t k = 0; rows[i].letters[k]; k++)
            if (rows[i].first + k == q) {
                *ret = rows[i].letters[k];
                return true;
            }
    return false;
}
