"""activate.py NAME=ADDRESS... -- COMMAND...: runs COMMAND with listening sockets passed in, as systemd does. ADDRESS: a path or a port."""
import os
import socket
import sys

dashes = sys.argv.index('--')
names, socks = [], []
for word in sys.argv[1:dashes]:
    name, address = word.split('=', 1)
    if address.startswith('/'):
        s = socket.socket(socket.AF_UNIX)
        s.bind(address)
        s.listen(5)
    else:
        s = socket.create_server(('127.0.0.1', int(address)))
    names.append(name)
    socks.append(os.dup2(s.fileno(), 100 + len(socks)))
for i, fd in enumerate(socks):
    os.dup2(fd, 3 + i)
    os.set_inheritable(3 + i, True)
    os.close(fd)
os.closerange(3 + len(socks), 100)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(socks)), LISTEN_FDNAMES=':'.join(names))
os.execvp(sys.argv[dashes + 1], sys.argv[dashes + 1:])
