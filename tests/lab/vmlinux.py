#!/usr/bin/env python3
"""vmlinux.py BZIMAGE VMLINUX: unpacks the ELF kernel that a bzImage carries as its xz or zstd payload."""
import lzma
import struct
import subprocess
import sys

SIZE_BYTES = 4  # of the unpacked kernel, behind the payload


def payload(image):
    """The bytes that the boot protocol's payload_offset and payload_length point at."""
    setup_sectors = image[0x1F1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    return image[start : start + length]


def unpacked(packed):
    if packed.startswith(b"\x28\xb5\x2f\xfd"):
        return subprocess.run(["zstd", "-dc"], input=packed[:-SIZE_BYTES], stdout=subprocess.PIPE, check=True).stdout
    return lzma.LZMADecompressor().decompress(packed)


with open(sys.argv[1], "rb") as source:
    elf = unpacked(payload(source.read()))
if elf[:4] != b"\x7fELF":
    sys.exit(f"{sys.argv[1]}: its payload is not a packed ELF file")
with open(sys.argv[2], "wb") as target:
    target.write(elf)
