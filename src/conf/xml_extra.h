/* The rows of <xvirt:domain>: what xml_extra.c and xml_extra_lists.c share. */
#pragma once
#include "conf/xml_domain.h"

#define E_STR(k, T, m, ...) XC_STR(k, T, m, .when = XW_EMPTY, __VA_ARGS__)
#define E_NUM(k, T, m, ...) \
    { \
        .place = X_CHILD, .r = R_NUM(k, T, m, .base = 10, .min = INT64_MIN, .max = INT64_MAX), \
        __VA_ARGS__ \
    }
#define E_TRI(k, T, m, ...) XS_TRI(k, T, m, __VA_ARGS__)
#define E_ENUM(k, T, m, e, ...) XC_ENUM(k, T, m, e, __VA_ARGS__)
#define E_STRS(k, T, m, ...) XC_STRS(k, T, m, .when = XW_EMPTY, __VA_ARGS__)
#define E_U32S(k, T, m) \
    { \
        .place = X_CHILD, .r = R_U32S(k, T, m, n_##m, .base = 10) \
    }
#define XL_IN(k, T, m, count, S, table) \
    { \
        .place = X_LIST, .sub = &table, .r = { \
            .key = k, \
            ROW_AT(T, m, struct S *), \
            .count_offset = offsetof(struct T, count) \
        } \
    }
#define A_NUM(k, T, m, ...) \
    { \
        .place = X_ATTR, .r = R_NUM(k, T, m, .base = 10, .min = INT64_MIN, .max = INT64_MAX), \
        __VA_ARGS__ \
    }
#define A_STR(k, T, m, ...) XA_STR(k, T, m, __VA_ARGS__)
#define A_TRI(k, T, m, ...) XA_ON(k, T, m, __VA_ARGS__)
#define A_ENUM(k, T, m, e, ...) XA_ENUM(k, T, m, e, __VA_ARGS__)
#define PART(T) static const struct xtable T##_table = {XTABLE(T##_rows)};

/* Lists that libvirt's XML has not; xml_extra_lists.c. */
extern const struct xtable xml_attr_table, xml_cpuid_leaf_table, xml_ioport_range_table,
    xml_iomem_range_table, xml_vtpm_table, xml_p9_table, xml_pvcalls_table, xml_vkb_table,
    xml_vdispl_table, xml_vsnd_table, xml_virtio_table, xml_vscsi_table, xml_vusb_table;
