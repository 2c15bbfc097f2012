#!/usr/bin/env python3
"""Each limit of the configuration is hit, and its default is libvirt's: limits.py XVIRTD [TEST...]. (tcp_min_ssf: remote-tcp.sh.)"""
import os, re, signal, socket, struct, subprocess, sys, tempfile, time, unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import conformance
from conformance import Base, GUEST
from wire import *

CREATE_XML, SHUTDOWN, KEEPALIVE_FEATURE, ADMIN, ADMIN_OPEN, ADMIN_LIST, ADMIN_THREADPOOL = 10, 33, 10, 0x06900690, 1, 4, 6
DEFAULTS = {'max_clients': 5000, 'max_queued_clients': 1000, 'max_anonymous_clients': 20, 'max_client_requests': 5, 'min_workers': 5,
            'max_workers': 20, 'prio_workers': 5, 'keepalive_interval': 5, 'keepalive_count': 5, 'admin_min_workers': 5,
            'admin_max_workers': 20, 'admin_max_clients': 5000, 'admin_max_queued_clients': 20, 'admin_max_client_requests': 5,
            'admin_keepalive_interval': 5, 'admin_keepalive_count': 5, 'auth_timeout': 60, 'tcp_min_ssf': 112}


def ping():
    return frame(1, type=MESSAGE, program=KEEPALIVE)


class Limit(Base):
    def is_served(self, c, seconds=0.3):
        """Is a ping answered?"""
        c.send(ping())
        return not c.is_silent(seconds)

    def until(self, what, seconds=10):
        end = time.monotonic() + seconds
        while not what() and time.monotonic() < end:
            time.sleep(0.02)
        self.assertTrue(what())


class Defaults(unittest.TestCase):
    def test_defaults(self):
        text = subprocess.run([conformance.XVIRTD, '--help-config'], capture_output=True, text=True, check=True).stdout
        for key, value in DEFAULTS.items():
            self.assertRegex(text, rf'(?m)^#? ?{key} = {value}$')

    def test_each_key_is_in_the_manual(self):
        docs = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../docs/')
        page = subprocess.run([docs + 'config-keys.sh', docs + 'xvirtd.conf.5.scd', conformance.XVIRTD, 'cat'], capture_output=True,
                              text=True, check=True).stdout.replace('\\_', '_')
        n = 0
        for option in ('--help-config', '--help-libxl-config'):
            text = subprocess.run([conformance.XVIRTD, option], capture_output=True, text=True, check=True).stdout
            for doc, key in re.findall(r'(?m)^# (.*)\n#(\w+) = ', text):
                self.assertRegex(page.replace('\\', ''), rf'\*{key} = [^\n]*\*\n\t' + re.escape(doc))
                n += 1
        self.assertGreater(n, 60)


class Mistakes(unittest.TestCase):
    def test_each_is_told_with_its_line(self):
        """And the daemon does not start: half a configuration is none."""
        with tempfile.TemporaryDirectory() as dir:
            path = dir + '/x.conf'
            with open(path, 'w') as f:
                f.write('max_clients = 7\nmax_client = 7\nprio_workers = "five"\nkeepalive_count = -1\nauth_tls = none\n')
            r = subprocess.run([conformance.XVIRTD, '--hypervisor', 'sim', '--config', path, '--run-dir', dir + '/run', '--state-dir', dir,
                                '--config-dir', dir], capture_output=True, text=True, timeout=60)
            self.assertEqual(r.returncode, 1)
            for line in (":2: unknown key 'max_client'", ":3: 'prio_workers' must be a number", ":4: 'keepalive_count' must be a number",
                         ":5: 'auth_tls' must be a text in quotes"):
                self.assertIn(path + line, r.stderr)
            self.assertNotIn(path + ':1:', r.stderr)


class Reload(Limit):
    config = '# nothing\n'

    def reload(self, text):
        with open(self.d.dir + '/conf', 'w') as f:
            f.write(text)
        self.d.p.send_signal(signal.SIGHUP)

    def said(self, what):
        with open(self.d.dir + '/log') as f:
            return what in f.read()

    def test_a_mistake_in_what_is_read_again_changes_nothing(self):
        """Nor does it end the daemon when a client then authenticates."""
        for n, (text_, what) in enumerate((('auth_unix_rw = "sassl"\n', "auth_unix_rw is none, sasl or polkit, not 'sassl'"),
                                           ('tcp_min_ssf = 56\n', 'tcp_min_ssf is at least 112, not 56'),
                                           ('host_uuid_source = "dice"\n', 'host_uuid_source is smbios or machine-id'))):
            self.reload(text_)
            self.until(lambda: self.said(what))
            c = Conn(self.d.path)
            c.send(frame(SASL_INIT, b'', 1))
            self.assertEqual(c.frame().status, ERROR)
            c.close()
            self.assertWorks(self.opened())


class Workers(Limit):
    config = 'max_workers = 3\nprio_workers = 200\nadmin_max_client_requests = 1\n'

    def test_max_workers_and_prio_workers(self):
        """As virt-admin is told; that the rule holds: test_loop. What is too many is the most that there can be."""
        self.assertWorks(self.opened())
        c = Conn(self.d.dir + '/run/virtxend-admin-sock')
        self.addCleanup(c.close)
        c.call(ADMIN_OPEN, u32(0), program=ADMIN)
        got = c.call(ADMIN_THREADPOOL, text('virtxend') + u32(0), program=ADMIN).data
        for name, value in (('maxWorkers', 3), ('prioWorkers', 64)):
            at = got.index(text(name)) + len(text(name))
            self.assertEqual(struct.unpack('>II', got[at:at + 8]), (2, value))
        c.send(b''.join(frame(ADMIN_LIST, u32(1, 0), 10 + i, program=ADMIN) for i in range(5)))  # one after the other
        self.assertEqual([c.frame().serial for _ in range(5)], [10, 11, 12, 13, 14])


class Clients(Limit):
    config = 'max_clients = 4\nmax_client_requests = 2\nkeepalive_interval = 1\nkeepalive_count = 1\n'

    def test_max_clients(self):
        all = [self.opened() for _ in range(4)]
        more = self.conn()
        self.assertFalse(self.is_served(more))
        for c in all:
            self.assertWorks(c)
        all[0].close()
        self.assertEqual(more.frame().proc, 2) # the pong

    def test_max_client_requests(self):
        """At the limit the socket is not read, not even for pings; others are served."""
        c, other = self.opened(), self.opened()
        doms = [other.call(CREATE_XML, text(GUEST % (f'stubborn{n}', 'xv.tick=0 xv.stubborn')) + u32(0)).domain() for n in range(2)]
        for n, dom in enumerate(doms):
            c.send(frame(SHUTDOWN, bytes(dom), 100 + n))
        c.send(ping())
        self.assertTrue(c.is_silent(0.5))
        self.assertWorks(other)
        for dom in doms:
            other.call(DESTROY, bytes(dom))
        self.assertEqual({c.frame().proc for _ in range(3)}, {SHUTDOWN, 2})

    def test_keepalive_interval_and_count(self):
        c, quiet = self.conn(), self.conn()
        self.assertTrue(c.call(FEATURE, u32(KEEPALIVE_FEATURE)))
        start = time.monotonic()
        while True: # its pings are not answered
            try:
                c.frame()
            except (EOFError, ConnectionResetError):
                break
        self.assertTrue(0.9 < time.monotonic() - start < 6)
        self.assertTrue(quiet.open().is_silent(0.1)) # one that never asked is not pinged


class Required(Limit):
    config = 'keepalive_required = 1\nadmin_keepalive_required = 1\n'

    def test_keepalive_required(self):
        c = self.conn()
        self.assertEqual(c.error(OPEN, maybe(text('xen:///system')) + u32(0)).code, 9)
        self.assertTrue(c.call(FEATURE, u32(KEEPALIVE_FEATURE)))
        self.assertWorks(c.open())


class Anonymous(Limit):
    config = 'max_anonymous_clients = 3\nauth_timeout = 2\nauth_unix_rw = "polkit"\n'

    def test_max_anonymous_clients_and_auth_timeout(self):
        waiting = [self.conn() for _ in range(3)]
        for c in waiting:
            self.assertTrue(self.is_served(c))
        more = self.conn()
        self.assertFalse(self.is_served(more))
        start = time.monotonic()
        self.until(lambda: not more.is_silent(0.05)) # they have been told to go, and there is room
        self.assertLess(time.monotonic() - start, 8)
        for c in waiting:
            c.s.recv(100) # the pong
            self.assertTrue(c.is_closed())


class Queued(Limit):
    config = 'max_queued_clients = 7\n'

    def test_max_queued_clients(self):
        """While the daemon accepts nobody."""
        c, waiting = self.opened(), []
        self.d.p.send_signal(signal.SIGSTOP)
        try:
            for _ in range(50):
                s = socket.socket(socket.AF_UNIX)
                s.setblocking(False)
                try:
                    s.connect(self.d.path)
                except BlockingIOError:
                    s.close()
                    break
                waiting.append(s)
        finally:
            self.d.p.send_signal(signal.SIGCONT)
        self.assertTrue(7 <= len(waiting) <= 9, len(waiting))
        for s in waiting:
            s.close()
        self.assertWorks(c)


class Admin(Limit):
    config = 'admin_max_clients = 2\nadmin_keepalive_interval = 1\nadmin_keepalive_count = 1\n'

    def test_admin_max_clients(self):
        path = self.d.dir + '/run/libvirt-admin-sock'
        self.assertWorks(self.opened()) # by then all sockets are there
        first, second, third = Conn(path), Conn(path), Conn(path)
        self.addCleanup(lambda: [c.close() for c in (first, second, third)])
        for c in (first, second):
            c.call(ADMIN_OPEN, u32(0), program=ADMIN)
        self.assertFalse(self.is_served(third))
        second.close()
        self.assertEqual(third.frame().proc, 2)
        self.assertWorks(self.opened())


if __name__ == '__main__':
    conformance.XVIRTD = sys.argv.pop(1)
    unittest.main()
