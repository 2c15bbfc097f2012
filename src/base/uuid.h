/* 16 bytes, and the text form 8-4-4-4-12. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { UUID_LEN = 16, UUID_TEXT = 37 };

void uuid_random(uint8_t uuid[UUID_LEN]); /* version 4, from the kernel */
bool uuid_parse(
    const char *s,
    uint8_t uuid[UUID_LEN]); /* 32 hex digits; blanks and hyphens between them are skipped */
const char *uuid_format(const uint8_t uuid[UUID_LEN], char text[UUID_TEXT]); /* returns text */
bool uuid_is_zero(const uint8_t uuid[UUID_LEN]);
bool uuid_eq(const uint8_t a[UUID_LEN], const uint8_t b[UUID_LEN]);
