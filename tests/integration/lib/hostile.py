"""hostile.py SOCKET PID: floods the daemon in several ways and looks what it costs."""
import os
import re
import resource
import socket
import struct
import sys
import time

path, pid = sys.argv[1], int(sys.argv[2])
with open(f'/proc/{pid}/maps') as maps:
    sanitized = re.search('lib[at]san', maps.read())
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def frame(proc, payload=b'', serial=0, kind=0):
    return struct.pack('>IIIiIII', 28 + len(payload), 0x20008086, 1, proc, kind, serial, 0) + payload


OPEN = frame(1, struct.pack('>II', 0, 0))
HOSTNAME = frame(59)
LIST_ALL = frame(273, struct.pack('>II', 1, 0))


def connect():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect(path)
    return s


def opened():
    s = connect()
    s.sendall(OPEN)
    assert len(s.recv(28, socket.MSG_WAITALL)) == 28
    return s


def answer(s):
    total, = struct.unpack('>I', s.recv(4, socket.MSG_WAITALL))
    return s.recv(total - 4, socket.MSG_WAITALL)


def memory_kib():
    if sanitized:
        return 0 # what a sanitizer adds is not judged
    with open(f'/proc/{pid}/status') as f:
        return int(next(line for line in f if line.startswith('VmRSS')).split()[1])


def descriptors():
    return len(os.listdir(f'/proc/{pid}/fd'))


good = opened()


def served():
    """How long somebody else waits for an answer, in ms."""
    start = time.monotonic()
    good.sendall(HOSTNAME)
    answer(good)
    return (time.monotonic() - start) * 1000


before, fds = memory_kib(), descriptors()
print(f'at the start: {before} KiB, {fds} descriptors, others wait {served():.2f} ms')

# 10,000 connections, as far as this user may have descriptors
n = min(10000, hard - 100)
start = time.monotonic()
many = [opened() for i in range(n)]
seconds = time.monotonic() - start
used = memory_kib() - before
wait = max(served() for i in range(20))
print(f'{n} open connections: {used} KiB, {used * 1024 // n} bytes each, opened in {seconds:.1f} s, others wait {wait:.2f} ms')
assert n >= 500 and used * 1024 // n < 8192, used
assert wait < 500
for s in many:
    s.close()
end = time.monotonic() + 20
while descriptors() > fds and time.monotonic() < end:
    time.sleep(0.05)
assert descriptors() <= fds, descriptors()

# a frame a byte at a time, on many connections at once
slow = [opened() for i in range(50)]
for byte in HOSTNAME:
    for s in slow:
        s.sendall(bytes([byte]))
for s in slow:
    answer(s)
print(f'50 clients with a byte at a time: all answered, others wait {max(served() for i in range(20)):.2f} ms')

# half a frame that promises 32 MiB, from many
before = memory_kib()
half = [opened() for i in range(200)]
for s in half:
    s.sendall(struct.pack('>I', 33554436) + bytes(1000))
served()
used = memory_kib() - before
print(f'200 clients with a promise of 32 MiB and 1000 bytes of it: {used} KiB')
assert used < 20000, used
for s in half:
    s.close()

# thousands of calls, and nobody reads the answers
before = memory_kib()
deaf = [opened() for i in range(50)]
for s in deaf:
    s.setblocking(False)
    try:
        for i in range(20000):
            s.send(LIST_ALL)
    except BlockingIOError:
        pass
wait = max(served() for i in range(20))
used = memory_kib() - before
print(f'50 clients that ask all the time and read nothing: {used} KiB, others wait {wait:.2f} ms')
assert used < 20000 and wait < 1000, (used, wait)

# and one that wants events
for s in deaf + slow:
    s.close()
before = memory_kib()
listener = opened()
listener.sendall(frame(105))
answer(listener)
served()
print(f'at the end: {memory_kib()} KiB, {descriptors()} descriptors')
# goes away in the middle of everything
for stop in range(0, len(LIST_ALL), 3):
    s = opened()
    s.sendall(LIST_ALL[:stop])
    s.close()
served()
