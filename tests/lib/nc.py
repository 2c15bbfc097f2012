#!/usr/bin/env python3
"""A stand-in for nc, of the kind that knows -q: nc.py [-q0] -U PATH"""
import os
import select
import socket
import sys

if sys.argv[-1] == '-q':
    sys.exit("option requires an argument -- 'q'")
if sys.argv[1] != '-q0':
    sys.exit('the caller should have found out that -q is known')
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[-1])
while True:
    ready = select.select([0, sock], [], [])[0]
    for side in ready:
        data = os.read(0, 65536) if side == 0 else sock.recv(65536)
        if not data:
            sys.exit(0)
        if side == 0:
            sock.sendall(data)
        else:
            os.write(1, data)
