#!/usr/bin/env python3
"""Guests that come from and go to hosts with libvirt, of whose steps this plays the other side: migration.py XVIRTD [TEST...]. Both forms
of protocol 3, with parameters and without."""
import os, re, socket, sys, threading, unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from wire import *

XVIRTD = None
LIVE, PEER2PEER, PERSIST, UNDEFINE, PROTECT = 1, 2, 8, 16, 256
BEGIN3, PREPARE3, TUNNEL3, PERFORM3, FINISH3, CONFIRM3 = range(213, 219)
BEGIN, PREPARE, TUNNEL, PERFORM, FINISH, CONFIRM = range(302, 308)
CREATE_XML, STRING, ULLONG = 10, 7, 4
GUEST = '''<domain type='xen'><name>far</name><uuid>%s</uuid><memory unit='KiB'>65536</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='xenpv'>linux</type><kernel>/boot/vmlinuz</kernel></os><on_reboot>destroy</on_reboot>
<devices><console type='pty'/></devices></domain>'''
UUID = '5b9aa0a5-52a0-4d0c-93b6-6a1e1b0cf2a1'
# as the other driver writes it, with its NUL
COOKIE = (f'<libxl-migration>\n  <name>far</name>\n  <uuid>{UUID}</uuid>\n  <hostname>elsewhere</hostname>\n'
          '  <migration-stream-version>2</migration-stream-version>\n</libxl-migration>\n\0')


def u64(n):
    return struct.pack('>Q', n)


def params(**named):
    return u32(len(named)) + b''.join(text(k) + u32(STRING) + text(v) for k, v in named.items())


def image_of(listener, got):
    """What a destination reads: all of it, to its end."""
    s = listener.accept()[0]
    while part := s.recv(65536):
        got.append(part)
    s.close()


class Hosts(unittest.TestCase):
    def setUp(self):
        self.d = Daemon(XVIRTD)
        self.c = Conn(self.d.path, timeout=15).open()

    def tearDown(self):
        self.c.close()
        status, log, left = self.d.stop()
        self.assertEqual((status, left), (0, []), log)

    def start(self):
        return self.c.call(CREATE_XML, text(GUEST % UUID) + u32(0)).domain()

    def state(self, dom):
        r = self.c.call(GET_STATE, bytes(dom) + u32(0))
        return r.i32(), r.i32()

    def send(self, dom, perform, *args):
        """The guest's image, as a destination of no daemon of ours gets it: nothing is said back."""
        listener, got = socket.create_server(('127.0.0.1', 0)), []
        reader = threading.Thread(target=image_of, args=(listener, got))
        reader.start()
        uri = f'tcp://127.0.0.1:{listener.getsockname()[1]}'
        cookie = self.c.call(perform, *[a(uri) if callable(a) else a for a in args]).bytes()
        reader.join()
        listener.close()
        self.assertEqual(cookie, b'')
        return b''.join(got)

    def leave(self):
        """Begin and perform with parameters."""
        dom = self.start()
        r = self.c.call(BEGIN, bytes(dom) + params() + u32(LIVE | PROTECT))
        cookie, xml = r.bytes().decode(), r.text()
        self.assertTrue(cookie.startswith('<libxl-migration>') and cookie.endswith('\0'), cookie)
        for word in ('<name>far</name>', f'<uuid>{UUID}</uuid>', '<hostname>', '<migration-stream-version>2<'):
            self.assertIn(word, cookie)
        self.assertIn('<on_reboot>destroy</on_reboot>', xml)
        image = self.send(dom, PERFORM, lambda uri: bytes(dom) + maybe(None) + params(migrate_uri=uri) + text('') + u32(LIVE))
        self.assertEqual(self.state(dom), (3, 2))  # paused, migration
        return dom, xml, image

    def data(self, uri, image):
        host, port = re.fullmatch(r'tcp://(.*):(\d+)', uri).groups()
        s = socket.create_connection((host, int(port)))
        s.sendall(image)
        s.close()

    def test_to_a_host_with_libvirt_and_back(self):
        dom, xml, image = self.leave()
        self.c.call(CONFIRM, bytes(dom) + params() + text('') + u32(LIVE, 0))
        self.assertEqual(self.c.error(GET_STATE, bytes(dom) + u32(0)).code, 42)
        # from there
        r = self.c.call(PREPARE, params(destination_xml=xml, migrate_uri='127.0.0.1') + text(COOKIE) + u32(LIVE | PERSIST))
        self.assertEqual(r.bytes(), b'')  # it has no place for a cookie
        uri = r.text() if r.u32() else None
        self.data(uri, image)
        r = self.c.call(FINISH, params(destination_name='far', migrate_uri=uri) + text('') + u32(LIVE | PERSIST, 0))
        back = r.domain()
        self.assertEqual(back.uuid, dom.uuid)
        self.assertEqual(r.bytes(), b'')
        self.assertEqual(self.state(back), (1, 2))  # running, migrated
        self.assertEqual(os.listdir(self.d.dir + '/state/arrived'), [])
        self.c.call(DESTROY, bytes(back))
        self.c.call(UNDEFINE, bytes(back))

    def test_cancelled_there(self):
        dom, _, _ = self.leave()
        self.c.call(CONFIRM, bytes(dom) + params() + text('') + u32(LIVE, 1))
        self.assertEqual(self.state(dom), (1, 6))  # running, migration cancelled
        self.c.call(DESTROY, bytes(dom))

    def test_without_parameters(self):
        dom = self.start()
        r = self.c.call(BEGIN3, bytes(dom) + maybe(None) + u64(LIVE) + maybe(None) + u64(0))
        self.assertTrue(r.bytes().startswith(b'<libxl-migration>'))
        xml = r.text()
        image = self.send(dom, PERFORM3, lambda uri: bytes(dom) + maybe(None) + text('') + maybe(None) + maybe(text(uri)) +
                          u64(LIVE) + maybe(None) + u64(0))
        self.c.call(CONFIRM3, bytes(dom) + text('') + u64(LIVE) + u32(0))
        r = self.c.call(PREPARE3, text(COOKIE) + maybe(text('tcp://127.0.0.1')) + u64(LIVE) + maybe(None) + u64(0) + text(xml))
        self.assertEqual(r.bytes(), b'')
        uri = r.text() if r.u32() else None
        self.data(uri, image)
        back = self.c.call(FINISH3, text('far') + text('') + maybe(None) + maybe(text(uri)) + u64(LIVE) + u32(0)).domain()
        self.assertEqual(self.state(back), (1, 2))
        self.c.call(DESTROY, bytes(back))
        # and through a stream
        self.c.call(TUNNEL3, text(COOKIE) + u64(LIVE) + maybe(None) + u64(0) + text(xml))
        for at in range(0, len(image), 65536):
            self.c.send(frame(TUNNEL3, image[at:at + 65536], self.c.serial, type=STREAM, status=CONTINUE))
        self.c.send(frame(TUNNEL3, b'', self.c.serial, type=STREAM))
        f = self.c.frame()
        self.assertEqual((f.type, f.status, f.payload), (STREAM, OK, b''))
        back = self.c.call(FINISH3, text('far') + text('') + maybe(None) + maybe(None) + u64(LIVE) + u32(0)).domain()
        self.assertEqual(self.state(back), (1, 2))
        self.c.call(DESTROY, bytes(back))

    def test_bad_cookies(self):
        xml, uri = GUEST % UUID, dict(migrate_uri='127.0.0.1')
        for cookie, code in (('<nonsense/>', 8), ('<libxl-migration>', 35), (COOKIE.replace('>2<', '>3<'), 84),
                             (COOKIE.replace('>2<', '>-2<'), 8), (COOKIE.replace(UUID, 'x'), 8),
                             (COOKIE.replace(UUID, UUID.replace('5b', '5c')), 8)):
            e = self.c.error(PREPARE, params(destination_xml=xml, **uri) + text(cookie) + u32(LIVE))
            self.assertEqual(e.code, code, e.message)
        self.assertEqual(self.c.call(LIST_DOMAINS, u32(16)).u32(), 1)  # the host itself

    def test_bad_parameters(self):
        dom = self.start()
        for p, code in ((params(nonsense='x'), 74), (u32(2) + (text('migrate_uri') + u32(STRING) + text('x')) * 2, 8),
                        (u32(1) + text('migrate_uri') + u32(ULLONG) + u64(1), 8), (params(compression='mt'), 74)):
            e = self.c.error(PERFORM, bytes(dom) + maybe(None) + p + text('') + u32(LIVE))
            self.assertEqual(e.code, code, e.message)
        e = self.c.error(PERFORM, bytes(dom) + maybe(None) + params() + text('') + u32(1 << 30))
        self.assertEqual(e.code, 8, e.message)
        self.c.call(DESTROY, bytes(dom))

    def test_a_stranger_at_the_port(self):
        """What asks for the outcome without the token of the migration hears nothing, and one that never asks is let go."""
        dom, xml, image = self.leave()
        self.c.call(CONFIRM, bytes(dom) + params() + text('') + u32(LIVE, 0))
        ours = COOKIE.replace('</libxl', "<xvirt words='1'/></libxl")
        r = self.c.call(PREPARE, params(destination_xml=xml, migrate_uri='127.0.0.1') + text(ours) + u32(LIVE))
        token = re.search(rb"token=['\"]([0-9a-f]{32})['\"]", r.bytes()).group(1)
        uri = r.text() if r.u32() else None
        port = int(uri.split(':')[-1])
        source = socket.create_connection(('127.0.0.1', port))
        source.sendall(image)

        def ask(line):
            with socket.create_connection(('127.0.0.1', port), timeout=5) as s:
                s.sendall(line)
                try:
                    return s.recv(8)
                except ConnectionResetError:  # it was not read to its end
                    return b''

        self.assertEqual(ask(b'ask ' + token + b'\n'), b'?')
        self.assertEqual(ask(b'known ' + b'0' * 32 + b'\n'), b'?')
        self.assertEqual(ask(b'x' * 200), b'')
        back = self.c.call(FINISH, params(destination_name='far') + text('') + u32(LIVE, 0)).domain()
        self.assertEqual(source.recv(8), b'RD')
        self.assertEqual(ask(b'ask ' + b'f' * 32 + b'\n'), b'?')
        self.assertEqual(ask(b'ask ' + token + b'\n'), b'D')
        self.assertEqual(ask(b'known ' + token + b'\n'), b'K')
        self.assertRaises(ConnectionRefusedError, ask, b'ask ' + token + b'\n')
        source.close()
        self.c.call(DESTROY, bytes(back))

    def test_a_tunnelled_source_asks_by_its_token(self):
        """Nothing but the daemon's own port is open: a finish with the token in its cookie finishes nothing, and is told what became of it."""
        dom, xml, image = self.leave()
        self.c.call(CONFIRM, bytes(dom) + params() + text('') + u32(LIVE, 0))

        def say(token, word):
            cookie = COOKIE.replace('</libxl', f"<xvirt words='1' token='{token}' guest='{word}'/></libxl")
            try:
                self.c.call(FINISH, params() + text(cookie) + u32(0, 1))
                return 0
            except RemoteError as e:
                return e.code

        def prepare(c):
            ours = COOKIE.replace('</libxl', "<xvirt words='1'/></libxl")
            cookie = c.call(TUNNEL, params(destination_xml=xml) + text(ours) + u32(LIVE)).bytes()
            return re.search(rb"token=['\"]([0-9a-f]{32})['\"]", cookie).group(1).decode()

        source = Conn(self.d.path, timeout=15).open()
        token = prepare(source)
        self.assertEqual(say(token, 'asked'), 87)  # it is expected
        self.assertEqual(say('f' * 32, 'asked'), 42)
        for at in range(0, len(image), 65536):
            source.send(frame(TUNNEL, image[at:at + 65536], source.serial, type=STREAM, status=CONTINUE))
        source.send(frame(TUNNEL, b'', source.serial, type=STREAM))
        self.assertEqual(source.frame().status, OK)
        back = source.call(FINISH, params(destination_name='far') + text('') + u32(LIVE, 0)).domain()
        source.close()
        self.assertEqual(say(token, 'asked'), 0)
        self.c.call(DESTROY, bytes(back))
        self.assertEqual(say(token, 'asked'), 0)  # it has run here, whatever came after
        self.assertEqual(say('f' * 32, 'known'), 42)
        self.assertEqual(say(token, 'known'), 0)
        self.assertEqual(say(token, 'asked'), 42)
        # one that is lost before it has come
        source = Conn(self.d.path, timeout=15).open()
        token = prepare(source)
        source.close()
        end = time.monotonic() + 10
        while (code := say(token, 'asked')) == 87 and time.monotonic() < end:
            time.sleep(0.02)
        self.assertEqual(code, 78)
        self.assertEqual(say(token, 'known'), 0)
        self.assertEqual(os.listdir(self.d.dir + '/state/arrived'), [])


if __name__ == '__main__':
    XVIRTD = sys.argv.pop(1)
    unittest.main()
