/* For base/str.c alone, which wraps them. */
#undef strtoll
#undef strtoull
