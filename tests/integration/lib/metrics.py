"""metrics.py ADDRESS:PORT: asks for the page and checks it, as a strict reader of OpenMetrics would."""
import re
import socket
import sys
import time

host, port = sys.argv[1].rsplit(':', 1)


def ask(request):
    s = socket.create_connection((host, int(port)))
    s.settimeout(5)
    s.sendall(request)
    out = b''
    while True:
        got = s.recv(65536)
        if not got:
            head, _, body = out.decode().partition('\r\n\r\n')
            return head, body
        out += got


head, body = ask(b'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')
assert head.startswith('HTTP/1.1 200 '), head
assert 'application/openmetrics-text; version=1.0.0' in head, head
assert int(re.search(r'Content-Length: (\d+)', head).group(1)) == len(body.encode())
assert body.endswith('# EOF\n')
types, values, done = {}, {}, set()
family = None
for line in body.splitlines()[:-1]:
    if line.startswith('# TYPE '):
        _, _, family, kind = line.split(' ')
        assert family not in types, f'{family} comes twice'
        types[family] = kind
        continue
    if line.startswith('# HELP '):
        assert line.split(' ')[2] == family
        continue
    name, labels, value = re.fullmatch(r'([a-z_]+)(?:\{((?:[a-z0-9]+="(?:[^"\\\n]|\\.)*",?)*)\})? (-?[0-9.e+]+)', line).groups()
    suffix = name[len(family):]
    assert name.startswith(family), (family, line)
    assert suffix in {'gauge': [''], 'counter': ['_total'], 'info': ['_info'],
                      'histogram': ['_bucket', '_sum', '_count']}[types[family]], line
    assert (name, labels) not in values, f'{line} comes twice'
    values[name, labels] = float(value)


def of(name, part):
    found = [v for (n, l), v in values.items() if n == name and part in (l or '')]
    assert len(found) == 1, (name, part, found)
    return found[0]


assert of('xvirt_guest_state', 'guest="xv-web"') in (1, 2)
assert of('xvirt_guest_state', 'guest="xv-off"') == 5
assert of('xvirt_guest_memory_bytes', 'guest="xv-web"') == 131072 * 1024
assert of('xvirt_guest_vcpus', 'guest="xv-web"') == 1
of('xvirt_guest_cpu_seconds_total', 'guest="xv-web"')
of('xvirt_guest_block_read_bytes_total', 'device="xvda"')
of('xvirt_guest_net_received_bytes_total', 'guest="xv-web"')
assert of('xvirt_host_memory_bytes', '') > 0
assert of('xvirt_calls_total', 'call="DOMAIN_DEFINE_XML') == 2
buckets = [v for (n, l), v in values.items() if n == 'xvirt_call_seconds_bucket']
assert buckets == sorted(buckets) and buckets[-1] == of('xvirt_call_seconds_count', '') > 0
assert not [1 for (n, l) in values if n == 'xvirt_guest_memory_bytes' and 'xv-off' in l]

for request, status in ((b'GET / HTTP/1.1\r\n\r\n', 404), (b'POST /metrics HTTP/1.1\r\n\r\n', 405), (b'GET metrics\r\n\r\n', 400),
                        (b'GET /\0metrics HTTP/1.1\r\n\r\n', 400),
                        (b'GET /metrics?x=1 HTTP/1.0\r\n\r\n', 200)):
    assert ask(request)[0].startswith(f'HTTP/1.1 {status} '), (request[:20], status)
# one that is too long is refused while more of it comes: the answer, or the end of the connection, is what its sender sees
try:
    assert ask(b'GET /metrics HTTP/1.1\r\nX: ' + b'y' * 9000)[0].startswith('HTTP/1.1 400 ')
except ConnectionResetError:
    pass
# those who open and say nothing are few, and the page is there for others after them
silent = [socket.create_connection((host, int(port))) for i in range(40)]
for s in silent:
    s.close()
for attempt in range(100):
    try:
        head = ask(b'GET /metrics HTTP/1.1\r\n\r\n')[0]
        break
    except ConnectionResetError:  # not yet noticed that they have gone
        time.sleep(0.05)
assert head.startswith('HTTP/1.1 200 '), attempt
print('metrics: ok')
