#!/usr/bin/env python3
"""hold.py DOMID: maps a page of a full guest, says "held", and keeps it until it is killed: a domain is not gone before."""
import ctypes
import ctypes.util
import glob
import mmap
import signal
import sys


def main():
    lib = ctypes.CDLL(glob.glob('/usr/lib/*/libxenforeignmemory.so.1')[0], use_errno=True)
    lib.xenforeignmemory_open.restype = ctypes.c_void_p
    lib.xenforeignmemory_map.restype = ctypes.c_void_p
    lib.xenforeignmemory_map.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_size_t,
                                         ctypes.POINTER(ctypes.c_uint64), ctypes.POINTER(ctypes.c_int)]
    handle = lib.xenforeignmemory_open(None, 0)
    frame, error = ctypes.c_uint64(0x100), ctypes.c_int(0)
    at = lib.xenforeignmemory_map(handle, int(sys.argv[1]), mmap.PROT_READ, 1, ctypes.byref(frame), ctypes.byref(error))
    if not handle or not at or error.value:
        sys.exit(f'cannot map a page of domain {sys.argv[1]}: error {error.value or ctypes.get_errno()}')
    print('held', flush=True)
    signal.pause()


sys.exit(main())
