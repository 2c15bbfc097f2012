#!/usr/bin/env python3
"""scrape.py XVIRTD [GUESTS]: GET /metrics of a simulated host with that many running guests, over a unix socket. Prints the best and
the middle of 30 scrapes, in ms, and the size of the page."""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../tests/conformance'))
from wire import Conn, text, u32

CREATE_XML = 10

GUEST = '''<domain type='xen'><name>guest%d</name><memory unit='KiB'>65536</memory><vcpu>2</vcpu>
<os><type arch='x86_64' machine='xenpv'>linux</type><kernel>/boot/vmlinuz</kernel><cmdline>xv.tick=0</cmdline></os>
<devices><disk type='file' device='disk'><source file='/images/%d.img'/><target dev='xvda' bus='xen'/></disk>
<interface type='bridge'><source bridge='xenbr0'/></interface></devices></domain>'''


def scrape(path):
    start = time.monotonic()
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect(path)
    s.sendall(b'GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    parts = []
    while part := s.recv(1 << 20):
        parts.append(part)
    s.close()
    return (time.monotonic() - start) * 1000, b''.join(parts)


def main():
    xvirtd, n = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    folder = tempfile.mkdtemp(prefix='xv-scrape.')
    with open(folder + '/conf', 'w') as f:
        f.write(f'metrics_listen = "{folder}/metrics"\n')
    daemon = subprocess.Popen([xvirtd, '--hypervisor', 'sim', '--sim-options', 'mem=1T', '--config', folder + '/conf', '--run-dir',
                               folder + '/run', '--state-dir', folder + '/state', '--config-dir', folder + '/etc'])
    try:
        deadline = time.monotonic() + 20
        while not os.path.exists(folder + '/run/virtxend-sock-ro'):
            if daemon.poll() is not None or time.monotonic() > deadline:
                raise SystemExit('scrape: xvirtd does not start')
            time.sleep(0.02)
        c = Conn(folder + '/run/libvirt-sock').open()
        for i in range(n):
            c.call(CREATE_XML, text(GUEST % (i, i)) + u32(0))
        times = []
        for _ in range(30):
            ms, page = scrape(folder + '/metrics')
            times.append(ms)
            assert page.rstrip().endswith(b'# EOF') and page.count(b'guest="guest') >= n
        times.sort()
        print(f'scrape-{n}-guests {times[0]:.1f} ms best, {times[15]:.1f} ms middle, {len(page) // 1024} KiB')
        return 0 if times[0] < 20 else 1
    finally:
        daemon.terminate()
        daemon.wait()
        shutil.rmtree(folder)


sys.exit(main())
