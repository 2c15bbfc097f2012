#!/usr/bin/env python3
"""vmlinux.py BZIMAGE VMLINUX: unpacks the ELF kernel that a bzImage carries as its xz payload."""
import lzma
import struct
import sys


def payload(image):
    """The bytes that the boot protocol's payload_offset and payload_length point at."""
    setup_sectors = image[0x1F1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    return image[start : start + length]


with open(sys.argv[1], "rb") as source:
    elf = lzma.LZMADecompressor().decompress(payload(source.read()))
if elf[:4] != b"\x7fELF":
    sys.exit(f"{sys.argv[1]}: its payload is not an xz-packed ELF file")
with open(sys.argv[2], "wb") as target:
    target.write(elf)
