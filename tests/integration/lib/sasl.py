"""sasl.py PORT: the rules around a SASL exchange, over a raw socket (CONFORMANCE 16, 17, 19, and what must not leak past it)."""
import socket
import struct
import sys

PORT = int(sys.argv[1])
AUTH_LIST, INIT, START, STEP, HOSTNAME, OPEN = 66, 67, 68, 69, 59, 1


class Conn:
    def __init__(self):
        self.s = socket.create_connection(('127.0.0.1', PORT))
        self.s.settimeout(5)
        self.serial = 0

    def send(self, proc, payload=b''):
        self.s.sendall(struct.pack('>IIIiIII', 28 + len(payload), 0x20008086, 1, proc, 0, self.serial, 0) + payload)
        self.serial += 1

    def recv(self, n):
        out = b''
        while len(out) < n:
            got = self.s.recv(n - len(out))
            assert got, 'closed'
            out += got
        return out

    def reply(self):
        total, = struct.unpack('>I', self.recv(4))
        frame = self.recv(total - 4)
        status, = struct.unpack('>I', frame[20:24])
        code = struct.unpack('>I', frame[24:28])[0] if status else 0
        return code, frame[24:]

    def call(self, proc, payload=b''):
        self.send(proc, payload)
        return self.reply()


def chars(data):
    return struct.pack('>I', len(data)) + b''.join(struct.pack('>I', b) for b in data)


def start(mech, data=None):
    m = mech.encode()
    return struct.pack('>I', len(m)) + m + b'\0' * (-len(m) % 4) + struct.pack('>I', data is None) + chars(data or b'')


c = Conn()
assert c.call(HOSTNAME)[0] == 39, 'a call before authentication'
code, payload = c.call(AUTH_LIST)
assert code == 0 and struct.unpack('>II', payload) == (1, 1), payload
assert c.call(START, start('DIGEST-MD5'))[0] == 45, 'START before INIT'
code, payload = c.call(INIT)
assert code == 0 and b'DIGEST-MD5' in payload and b'PLAIN' not in payload and b'SCRAM' not in payload, payload
assert c.call(INIT)[0] == 45, 'a second INIT'
assert c.call(START, start('DIGEST-MD5'))[0] == 45, 'the second INIT has ended the exchange'
assert c.call(INIT)[0] == 0, 'a new INIT'
assert c.call(START, start('PLAIN', b'\0fred\0tiger'))[0] == 45, 'PLAIN without encryption'
c.call(INIT)
code, payload = c.call(START, start('DIGEST-MD5'))
assert code == 0 and payload[:4] == b'\0\0\0\0', 'the first step is not the last'
assert c.call(HOSTNAME)[0] == 39, 'a call in the middle of an exchange'
# the fifth failure ends the connection
c = Conn()
for i in range(5):
    assert c.call(INIT)[0] == 0
    assert c.call(START, start('NO-SUCH'))[0] == 45
assert c.s.recv(1) == b'', 'not closed after many failures'
# many calls at once while a step is at work: every one of them is refused, none confuses it
c = Conn()
c.call(INIT)
for proc, payload in ((START, start('DIGEST-MD5')), (STEP, struct.pack('>I', 1) + chars(b'')), (INIT, b''), (OPEN, struct.pack('>II', 0, 0))):
    c.send(proc, payload)
for i in range(4):
    c.reply()
assert c.call(HOSTNAME)[0] == 39
# goes away in the middle
for stop in range(3):
    c = Conn()
    c.call(INIT)
    c.send(START, start('DIGEST-MD5'))
    c.s.close()
print('sasl: ok')
