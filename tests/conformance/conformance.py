#!/usr/bin/env python3
"""What other servers of this protocol do, asked of ours over a raw socket: conformance.py XVIRTD [TEST...].
The numbers in the names are those of the list of measured behaviours in docs/wire.md."""
import os, re, socket, struct, sys, time, unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from wire import *

XVIRTD = None
GUEST = '''<domain type='xen'><name>%s</name><memory unit='KiB'>65536</memory><vcpu>2</vcpu>
<os><type arch='x86_64' machine='xenpv'>linux</type><kernel>/boot/vmlinuz</kernel><cmdline>%s</cmdline></os>
<devices><disk type='file' device='disk'><source file='/images/a.img'/><target dev='xvda' bus='xen'/></disk>
<interface type='bridge'><mac address='00:16:3e:00:00:01'/><source bridge='xenbr0'/></interface>
<console type='pty'><target type='xen' port='0'/></console></devices></domain>'''


class Base(unittest.TestCase):
    config = ''

    @classmethod
    def setUpClass(cls):
        cls.d = Daemon(XVIRTD, cls.config)

    @classmethod
    def tearDownClass(cls):
        status, log, left = cls.d.stop()
        assert status == 0, f'xvirtd ended with {status}:\n{log}'
        assert not left, f'left behind: {left}'

    def conn(self, suffix=''):
        c = Conn(self.d.path + suffix)
        self.addCleanup(c.close)
        return c

    def opened(self, suffix='', **more):
        return self.conn(suffix).open(**more)

    def assertError(self, e, code, domain=None):
        self.assertEqual(e.code, code, e.message)
        self.assertEqual(e.level, 2)
        if domain is not None:
            self.assertEqual(e.domain, domain, e.message)

    def assertWorks(self, c):
        self.assertTrue(c.call(HOSTNAME).text())


class Framing(Base):
    def test_01_lengths(self):
        for n in (0, 3, 4, 27, 33554437, 0xFFFFFFFF):
            c = self.conn()
            c.send(u32(n) + bytes(24))
            self.assertTrue(c.is_closed(), n)
        c = self.opened()
        for b in frame(HOSTNAME, serial=77):
            c.send(bytes([b]))
        self.assertTrue(c.answer(77).text())

    def test_02_pipelined(self):
        c = self.opened()
        c.send(b''.join(frame(HOSTNAME, serial=100 + i) for i in range(20)))
        self.assertEqual(sorted(c.frame().serial for _ in range(20)), [100 + i for i in range(20)])

    def test_03_serials(self):
        c = self.opened()
        for serial in (7, 7, 0):
            c.send(frame(HOSTNAME, serial=serial))
            self.assertEqual(c.frame().serial, serial)

    def test_04_types_out_of_place(self):
        c = self.opened()
        for type in (REPLY, MESSAGE, STREAM, HOLE, 9):
            for _ in range(7):  # more than may be under way: they must be let go
                c.send(frame(HOSTNAME, u32(0, 8, 0), type=type, serial=5))
        self.assertWorks(c)

    def test_05_arguments(self):
        c = self.opened()
        for cut in range(0, 24, 4):
            self.assertError(c.error(GET_STATE, (text('x') + bytes(16) + u32(-1))[:cut]), 39, 7)
        self.assertError(c.error(BY_NAME, u32(4194305) + bytes(4194308)), 39, 7)
        self.assertError(c.error(BY_NAME, u32(0xFFFFFFFF)), 39, 7)
        self.assertTrue(c.call(HOSTNAME, bytes(8)).text())
        self.assertError(c.error(BY_NAME, u32(5) + b'nosuc\1\2\3'), 42)  # padding does not matter
        self.assertWorks(c)

    def test_06_status(self):
        c = self.opened()
        for status in (1, 2):
            self.assertError(c.error(HOSTNAME, status=status), 39, 7)
        self.assertWorks(c)

    def test_07_program_and_version(self):
        c = self.opened()
        for program, version in ((0x12345678, 1), (REMOTE, 2)):
            c.send(frame(HOSTNAME, serial=9, program=program, version=version))
            f = c.frame()
            self.assertEqual((f.program, f.version, f.serial, f.type, f.status), (program, version, 9, REPLY, ERROR))
            self.assertError(RemoteError(f.payload), 39, 7)

    def test_08_unknown_procedures(self):
        for c in (self.conn(), self.opened()):
            for proc in (9999, -1, 0, 107, 454, 0x7FFFFFFF, -0x80000000):
                e = c.error(proc)
                self.assertError(e, 39, 7)
                self.assertTrue(e.message.startswith('unknown procedure'), e.message)

    def test_08_known_but_not_here(self):
        for proc in (148, 411):  # DOMAIN_MIGRATE_PREPARE_TUNNEL, DOMAIN_CHECKPOINT_CREATE_XML: of other drivers
            self.assertError(self.opened().error(proc), 3)

    def test_09_descriptors(self):
        c = self.opened()
        before = self.d.n_fds()
        for n in (0, 2, 32):
            c.send(frame(HOSTNAME, u32(n), type=CALL_FDS, serial=50 + n))
            c.send_fds(n)
            self.assertTrue(c.answer(50 + n).text())
        for _ in range(200):  # the answer may be here before they are closed
            if self.d.n_fds() == before:
                break
            time.sleep(0.01)
        self.assertEqual(self.d.n_fds(), before)
        c.send(frame(HOSTNAME, u32(33), type=CALL_FDS, serial=50))
        self.assertTrue(c.is_closed())


class Opening(Base):
    def test_10_features(self):
        c = self.conn()
        self.assertEqual(c.call(FEATURE, u32(10)).u32(), 1)
        self.assertError(c.error(FEATURE, u32(14)), 1, 7)
        c.open()
        for feature in (4242, -5, 0, 1, 3, 5, 11, 12):
            self.assertEqual(c.call(FEATURE, u32(feature)).u32(), 0, feature)
        for feature in (4, 6, 7, 8, 9, 10, 13, 14, 15, 16):
            self.assertEqual(c.call(FEATURE, u32(feature)).u32(), 1, feature)

    def test_11_order(self):
        c = self.conn()
        self.assertError(c.error(HOSTNAME), 1, 7)
        self.assertError(c.error(OPEN, maybe(text('nosuch:///system')) + u32(0)), 5)
        self.assertError(c.error(OPEN, maybe(text('xen:///elsewhere')) + u32(0)), 1)
        c.open()
        self.assertError(c.error(OPEN, maybe(text('xen:///system')) + u32(0)), 1, 7)
        self.assertWorks(c)

    def test_11_names(self):
        for uri in ('', 'xen:///', 'xen://', 'xen:///system?x=1', 'xen:///system'):
            c = self.opened(uri=uri)
            self.assertEqual(c.call(110).text(), 'xen:///system')
            self.assertEqual(c.call(GET_TYPE).text(), 'Xen')
        c = self.conn()
        c.call(OPEN, maybe(None) + u32(0))
        self.assertWorks(c)

    def test_12_open_flags(self):
        c = self.opened(flags=0xFFFFFFFE)
        self.assertError(c.error(DESTROY, bytes(Domain('x', b'no such guest 16', -1))), 42)

    def test_13_without_auth_list(self):
        self.assertWorks(self.opened())

    def test_14_close(self):
        c = self.opened()
        c.send(frame(CLOSE, serial=3))
        f = c.frame()
        self.assertEqual((f.type, f.status, f.payload), (REPLY, OK, b''))
        self.assertTrue(c.is_closed())

    def test_15_read_only(self):
        for c in (self.opened('-ro'), self.opened(flags=1)):
            d = bytes(Domain('x', b'no such guest 16', -1))
            self.assertError(c.error(DESTROY, d), 29, 20)
            self.assertError(c.error(DESTROY, b''), 29, 20)  # the right comes before the arguments
            self.assertError(c.error(GET_XML, d + u32(1)), 29, 20)
            self.assertError(c.error(GET_XML, d + u32(8)), 29, 20)
            self.assertError(c.error(GET_XML, d + u32(0)), 42)

    def test_identity(self):
        """A proxy daemon of our own user may speak for others; names that nobody knows are refused."""
        c = self.opened()
        name, uid = text('user-name') + u32(7) + text('fred'), text('unix-user-id') + u32(4, 0, 1000)
        c.call(419, u32(2) + name + uid + u32(0))
        self.assertError(c.error(419, u32(2) + name + name + u32(0)), 8)
        self.assertError(c.error(419, u32(1) + text('shoe-size') + u32(4, 0, 43) + u32(0)), 74)
        self.assertError(c.error(419, u32(21) + name * 21 + u32(0)), 39)

    def test_19_exchanges_that_are_not_used(self):
        c = self.conn()
        self.assertEqual(c.call(AUTH_LIST).data, u32(1, 0))
        for proc, args in ((SASL_INIT, b''), (SASL_START, text('PLAIN') + u32(0, 0)), (SASL_STEP, u32(0, 0)), (POLKIT, b'')):
            self.assertError(c.error(proc, args), 45)
        c.open()
        self.assertWorks(c)


class Keepalive(Base):
    config = 'keepalive_interval = 1\nkeepalive_count = 1\n'
    ping = frame(1, type=MESSAGE, program=KEEPALIVE)

    def test_20_pong_before_everything(self):
        c = self.conn()
        c.send(self.ping)
        f = c.frame()
        self.assertEqual((f.program, f.proc, f.type, f.serial, f.payload), (KEEPALIVE, 2, MESSAGE, 0, b''))

    def test_20_pings_who_asked(self):
        asked, silent, never = self.conn(), self.conn(), self.opened()
        for c in (asked, silent):
            c.call(FEATURE, u32(10))
        for _ in range(2):
            f = asked.frame()
            self.assertEqual((f.program, f.proc), (KEEPALIVE, 1))
            asked.send(frame(2, type=MESSAGE, program=KEEPALIVE))
        self.assertEqual(silent.frame().proc, 1)
        self.assertTrue(silent.is_closed())
        self.assertTrue(never.is_silent(0.1))
        self.assertEqual(asked.call(FEATURE, u32(10)).u32(), 1)


class Objects(Base):
    def setUp(self):
        self.c = self.opened()
        self.name = 'g' + self.id().split('.')[-1].replace('_', '-')
        self.dom = self.define(self.name)

    def define(self, name, cmdline=''):
        d = self.c.call(DEFINE, text(GUEST % (name, cmdline))).domain()
        self.addCleanup(self.remove, d)
        return d

    def remove(self, d):
        c = Conn(self.d.path).open()
        for proc in (DESTROY, UNDEFINE):
            try:
                c.call(proc, bytes(d))
            except RemoteError:
                pass
        c.close()

    def test_21_handles(self):
        self.assertError(self.c.error(GET_INFO, bytes(Domain('x', b'no such guest 16', 3))), 42)
        wrong = Domain('another', self.dom.uuid, 77)
        self.assertEqual(self.c.call(GET_STATE, bytes(wrong) + u32(0)).u32(), 5)

    def test_22_lists(self):
        r = self.c.call(LIST_ALL, u32(0, 2))
        self.assertEqual((r.u32(), r.u32()), (0, 1))
        r = self.c.call(LIST_ALL, u32(1, 2))
        self.assertEqual(r.u32(), 1)
        self.assertEqual(r.domain().name, self.name)
        self.assertError(self.c.error(LIST_ALL, u32(1, 1 << 30)), 8)
        self.assertError(self.c.error(LIST_DOMAINS, u32(20000)), 39)
        self.assertError(self.c.error(LIST_DOMAINS, u32(-1)), 39)
        self.assertEqual(self.c.call(LIST_DOMAINS, u32(0)).u32(), 0)
        self.c.call(CREATE, bytes(self.dom))
        self.assertEqual(self.c.call(LIST_DOMAINS, u32(1)).u32(), 1)

    def test_22_every_filter(self):
        def count(flags):
            r = self.c.call(LIST_ALL, u32(0, flags))
            r.u32()
            return r.u32()
        everything = count(0)
        for pair in ((1, 2), (4, 8), (0x10, 0x20, 0x40, 0x80), (0x100, 0x200), (0x400, 0x800), (0x1000, 0x2000),
                     (0x4000, 0x8000)):
            self.assertEqual(sum(count(bit) for bit in pair), everything, pair)
            self.assertEqual(count(sum(pair)), everything, pair)
        self.assertEqual(count(1 | 2 | 0x40), 1)
        self.assertEqual(count(1 | 0x40), 0)

    def test_23_scheduler(self):
        self.c.call(CREATE, bytes(self.dom))
        dom = bytes(self.dom)

        def params(*rows):
            return u32(len(rows)) + b''.join(text(n) + u32(t, v) for n, t, v in rows)
        self.assertError(self.c.error(SCHED_SET, dom + params(('nosuch', 2, 1))), 74)
        self.assertError(self.c.error(SCHED_SET, dom + params(('weight', 1, 1))), 8)
        self.assertError(self.c.error(SCHED_SET, dom + params(('weight', 2, 256), ('weight', 2, 256))), 8)
        self.c.call(SCHED_SET, dom + params(('weight', 2, 300)))
        self.assertError(self.c.error(SCHED_GET, dom + u32(0)), 8)
        r = self.c.call(SCHED_GET, dom + u32(1))
        self.assertEqual((r.u32(), r.text(), r.u32(), r.u32()), (1, 'weight', 2, 300))

    def test_24_strings_allowed(self):
        self.c.call(CREATE, bytes(self.dom))
        for flags in (0, 4):
            r = self.c.call(BLOCK_STATS_FLAGS, bytes(self.dom) + text('xvda') + u32(0, flags))
            self.assertEqual((r.u32(), r.u32()), (0, 6))
        self.assertError(self.c.error(BLOCK_STATS_FLAGS, bytes(self.dom) + text('xvda') + u32(0, 8)), 8)

    # --- events ---

    def lifecycle(self, c):
        """(procedure, callback id or None, name, event, detail) of the next event"""
        f = c.event()
        r = f.read()
        id = r.u32() if f.proc == CB_LIFECYCLE else None
        return f.proc, id, r.domain().name, r.u32(), r.u32()

    def test_25_registrations(self):
        c = self.c
        self.assertError(c.error(CB_REG, u32(99, 0)), 1)
        self.assertError(c.error(CB_DEREG, u32(12345)), 1)
        self.assertError(c.error(EV_REG_ANY, u32(16)), 1)
        self.assertError(c.error(EV_DEREG), 1)
        self.assertError(c.error(EV_DEREG_ANY, u32(0)), 1)
        id = c.call(CB_REG, u32(0, 0)).u32()
        for again in ((CB_REG, u32(0, 0)), (EV_REG_ANY, u32(0)), (EV_REG, b'')):
            self.assertError(c.error(*again), 8)
        c.call(CB_DEREG, u32(id))
        c.call(EV_REG)
        self.assertError(c.error(EV_REG_ANY, u32(0)), 8)
        c.call(EV_DEREG)
        c.call(EV_REG_ANY, u32(0))
        self.assertError(c.error(CB_REG, u32(0, 0)), 8)
        c.call(EV_DEREG_ANY, u32(0))
        for id in range(28):
            c.call(CB_REG, u32(id, 0))

    def test_26_twice_and_old_style(self):
        both, old = self.opened(), self.opened()
        ids = [both.call(CB_REG, u32(0, 0)).u32(), both.call(CB_REG, u32(0, 1) + bytes(self.dom)).u32()]
        old.call(EV_REG)
        self.c.call(CREATE_FLAGS, bytes(self.dom) + u32(1))
        got = [self.lifecycle(both) for _ in range(2)]
        self.assertEqual(sorted(e[1] for e in got), sorted(ids))
        for e in got:
            self.assertEqual((e[0], e[2], e[3]), (CB_LIFECYCLE, self.name, 2))
        self.assertEqual(self.lifecycle(old)[0], EV_LIFECYCLE)

    def test_27_one_domain(self):
        other = self.define('other')
        c = self.opened()
        c.call(CB_REG, u32(0, 1) + bytes(other))
        self.c.call(CREATE, bytes(self.dom))
        self.c.call(CREATE, bytes(other))
        self.assertEqual(self.lifecycle(c)[2], 'other')

    def test_28_nothing_after_deregister(self):
        c = self.opened()
        id = c.call(CB_REG, u32(0, 0)).u32()
        c.call(CB_DEREG, u32(id))
        self.c.call(CREATE, bytes(self.dom))
        self.assertTrue(c.is_silent())

    # --- streams ---

    def console(self, c, serial, flags=0):
        c.send(frame(CONSOLE, bytes(self.dom) + u32(0, flags), serial))

    def until(self, c, serial, want):
        """Console data until the text is in it."""
        data = b''
        while want not in data:
            f = c.frame()
            self.assertEqual((f.proc, f.type, f.serial, f.status), (CONSOLE, STREAM, serial, CONTINUE))
            self.assertTrue(f.payload, data)
            data += f.payload
        return data

    def open_console(self):
        self.c.call(CREATE, bytes(self.dom))
        c = self.opened()
        self.console(c, 900)
        f = c.frame()  # the answer comes before any data
        self.assertEqual((f.type, f.serial, f.status), (REPLY, 900, OK), f.payload)
        return c

    def end(self, c, status):
        c.send(frame(CONSOLE, b'', 900, type=STREAM, status=status))
        while True:
            f = c.frame()
            if f.status != CONTINUE:
                break
        self.assertEqual((f.type, f.serial, f.status, f.payload), (STREAM, 900, OK, b''))

    def test_29_console(self):
        c = self.open_console()
        self.until(c, 900, b'XVIRT-GUEST-UP')
        c.send(frame(CONSOLE, b'hello there\n', 900, type=STREAM, status=CONTINUE))
        self.until(c, 900, b'hello there')
        self.end(c, OK)
        self.assertWorks(c)

    def test_29_abort(self):
        c = self.open_console()
        self.end(c, ERROR)
        self.assertWorks(c)

    def test_29_guest_ends(self):
        c = self.open_console()
        self.until(c, 900, b'XVIRT-GUEST-UP')
        self.c.call(DESTROY, bytes(self.dom))
        while True:
            f = c.frame()
            if not f.payload:
                break
        self.assertEqual((f.type, f.status), (STREAM, CONTINUE))
        self.end(c, OK)

    def test_29_busy_and_force(self):
        c, second = self.open_console(), self.opened()
        self.assertError(second.error(CONSOLE, bytes(self.dom) + u32(0, 0)), 9)
        second.call(CONSOLE, bytes(self.dom) + u32(0, 1))
        while True:
            f = c.frame()
            if f.status != CONTINUE:
                break
        self.assertEqual((f.type, f.status), (STREAM, ERROR))
        self.assertWorks(c)

    def test_29_client_goes_away(self):
        c = self.open_console()
        before = self.d.n_fds()
        c.close()
        for _ in range(200):
            if self.d.n_fds() < before:
                break
            time.sleep(0.01)
        self.opened().call(CONSOLE, bytes(self.dom) + u32(0, 0))  # not busy any more

    def test_30_hole(self):
        c = self.open_console()
        c.send(frame(CONSOLE, u32(0, 4096, 0), 900, type=HOLE, status=CONTINUE))
        with self.assertRaises((EOFError, ConnectionResetError)):
            while True:
                c.frame()

    def test_31_after_the_end(self):
        c = self.open_console()
        self.end(c, OK)
        for _ in range(7):
            c.send(frame(CONSOLE, b'late', 900, type=STREAM, status=CONTINUE))
        self.assertWorks(c)


class More(Base):
    """Calls that virsh does not make, or makes only behind another daemon's answer."""

    def order(self, *words):
        s = socket.socket(socket.AF_UNIX)
        s.connect(self.d.control)
        s.sendall((' '.join(words) + '\n').encode())
        answer = s.recv(4096).decode()
        s.close()
        return answer

    def started(self, name, devices=''):
        c = self.opened()
        xml = (GUEST % (name, '')).replace('</devices>', devices + '</devices>').replace('/images/a.img', self.disk)
        dom = c.call(DEFINE, text(xml)).domain()
        c.call(CREATE, bytes(dom))
        return c, dom

    def setUp(self):
        self.disk = self.d.dir + '/disk.img'
        with open(self.disk, 'wb') as f:
            f.write(bytes(range(256)) * 16)

    def test_pci_devices(self):
        c = self.opened()
        detach, detach_flags, reattach, reset, lookup = 118, 301, 119, 120, 113
        self.assertEqual(c.call(lookup, text('pci_0000_03_00_0')).text(), 'pci_0000_03_00_0')
        self.assertError(c.error(lookup, text('pci_0000_ff_00_0')), 53)
        self.assertError(c.error(lookup, text('net_eth0')), 53)
        self.assertError(c.error(reset, text('pci_0000_03_00_0')), 55)  # the host still has it
        c.call(detach, text('pci_0000_03_00_0'))
        c.call(reset, text('pci_0000_03_00_0'))
        self.assertIn('0000:03:00.0 detached 1', self.order('pcis'))
        c.call(reattach, text('pci_0000_03_00_0'))
        c.call(detach_flags, text('pci_0000_03_00_1') + maybe(text('xen')) + u32(0))
        self.assertIn('0000:03:00.1 detached 0', self.order('pcis'))
        self.assertIn('0000:03:00.0 host 1', self.order('pcis'))
        self.assertError(c.error(detach_flags, text('pci_0000_03_00_1') + maybe(text('vfio')) + u32(0)), 8)
        self.assertError(c.error(detach, text('pci_0000_ff_00_0')), 53)
        for name in ('net_eth0', 'pci_', 'pci_0000_03_00', 'pci_0000_03_00_9', 'pci_0000_03_00_0_1', 'pci_10000_03_00_0', 'pci_../x_1_1_1'):
            self.assertError(c.error(detach, text(name)), 8)
        self.order('fail', 'pci', '1', '"cannot unbind"')
        e = c.error(detach, text('pci_0000_03_00_0'))
        self.assertIn('cannot unbind', e.message)

    def test_pci_device_of_a_guest(self):
        c, dom = self.started('has-pci', "<hostdev mode='subsystem' type='pci' managed='yes'><source>"
                              "<address domain='0x0000' bus='0x03' slot='0x00' function='0x1'/></source></hostdev>")
        self.assertIn('0000:03:00.1 detached', self.order('pcis'))
        e = c.error(119, text('pci_0000_03_00_1'))
        self.assertError(e, 55)
        self.assertIn('has-pci', e.message)
        c.call(DESTROY, bytes(dom))
        self.assertIn('0000:03:00.1 host', self.order('pcis'))

    def test_block_peek(self):
        c, dom = self.started('peeked')
        peek = 103
        r = c.call(peek, bytes(dom) + text('xvda') + struct.pack('>QII', 250, 8, 0))
        self.assertEqual(r.bytes(), bytes([250, 251, 252, 253, 254, 255, 0, 1]))
        self.assertError(c.error(peek, bytes(dom) + text('xvda') + struct.pack('>QII', 4090, 8, 0)), 8)
        self.assertError(c.error(peek, bytes(dom) + text('xvda') + struct.pack('>QII', 1 << 63, 8, 0)), 82)
        self.assertError(c.error(peek, bytes(dom) + text('xvda') + struct.pack('>QII', 0, 4194305, 0)), 39)
        self.assertError(c.error(peek, bytes(dom) + text('/etc/passwd') + struct.pack('>QII', 0, 8, 0)), 8)
        c.call(DESTROY, bytes(dom))

    def test_block_info_of_an_image(self):
        """The size that a qcow image gives itself counts only where the configuration calls it one."""
        with open(self.disk, 'wb') as f:
            f.write(b'QFI\xfb' + u32(3) + bytes(16) + struct.pack('>Q', 1 << 40) + bytes(480))
        for name, driver, capacity in (('raw-one', '', 512), ('qcow-one', "<driver name='qemu' type='qcow2'/>", 1 << 40)):
            c = self.opened()
            xml = (GUEST % (name, '')).replace('<source file', driver + '<source file').replace('/images/a.img', self.disk)
            dom = c.call(DEFINE, text(xml)).domain()
            r = c.call(194, bytes(dom) + text('xvda') + u32(0))
            self.assertEqual((r.u64() > 0, r.u64(), r.u64()), (True, capacity, 512))

    def test_security_labels(self):
        c, dom = self.started('labelled')
        r = c.call(121, bytes(dom))
        self.assertEqual((r.u32(), r.u32(), r.i32()), (1, 0, 0))  # the empty label and its NUL
        r = c.call(278, bytes(dom))
        self.assertEqual(r.u32(), 0)
        c.call(DESTROY, bytes(dom))

    def test_older_forms(self):
        """Without flags, as clients called them before there were any."""
        c, dom = self.started('older')
        set_max_memory, set_memory, set_vcpus, destroy_flags, get_max = 30, 31, 32, 234, 17
        c.call(set_memory, bytes(dom) + struct.pack('>Q', 32768))
        r = c.call(GET_INFO, bytes(dom))
        r.u32()
        self.assertEqual((r.u64(), r.u64()), (65536, 32768))
        c.call(set_max_memory, bytes(dom) + struct.pack('>Q', 131072))
        self.assertEqual(c.call(get_max, bytes(dom)).u64(), 131072)
        self.assertError(c.error(set_memory, bytes(dom) + struct.pack('>Q', 1 << 62)), 8)
        c.call(set_vcpus, bytes(dom) + u32(1))
        self.assertError(c.error(set_vcpus, bytes(dom) + u32(3)), 8)
        self.assertError(c.error(destroy_flags, bytes(dom) + u32(1)), 8)
        c.call(destroy_flags, bytes(dom) + u32(0))

    def test_saved_by_parameters(self):
        c, dom = self.started('params')
        save, restore, abort_flags = 440, 441, 442
        path = self.d.dir + '/saved'
        file = text('file') + u32(7) + text(path)
        c.call(save, bytes(dom) + u32(1) + file + u32(0))
        c.call(restore, u32(1) + file + u32(0))
        self.assertError(c.error(save, bytes(dom) + u32(1) + text('nonesuch') + u32(7) + text('x') + u32(0)), 74)
        self.assertError(c.error(abort_flags, bytes(dom) + u32(0)), 55)  # nothing is under way
        c.call(DESTROY, bytes(dom))

    def test_dump_with_format(self):
        c, dom = self.started('dumped')
        dump, abort_flags = 334, 442
        memory_only, raw = 16, 0
        core = self.d.dir + '/core'
        c.call(dump, bytes(dom) + text(core) + u32(raw, memory_only))
        self.assertTrue(os.path.getsize(core))
        self.assertNotEqual(c.error(dump, bytes(dom) + text(core) + u32(99, memory_only)).code, 0)
        self.order('hang', 'dump')
        other = self.opened()
        other.send(frame(dump, bytes(dom) + text(core + '2') + u32(raw, memory_only), serial=50))
        for _ in range(100):
            try:
                c.call(abort_flags, bytes(dom) + u32(0))
                break
            except RemoteError:
                time.sleep(0.02)
        with self.assertRaises(RemoteError) as e:
            other.answer(50)
        self.assertEqual(e.exception.code, 78)
        self.order('unhang', 'dump')
        c.call(DESTROY, bytes(dom))

    def test_channel(self):
        """A channel of the guest as a stream: what is written to its other end comes."""
        path = self.d.dir + '/channel.sock'
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        server.listen(1)
        c, dom = self.started('talks', f"<channel type='unix'><source path='{path}'/><target type='xen' name='org.example.one'/></channel>")
        self.assertError(c.error(296, bytes(dom) + maybe(text('org.example.two')) + u32(0)), 9)
        c.call(296, bytes(dom) + maybe(text('org.example.one')) + u32(0))
        other, _ = server.accept()
        other.sendall(b'from the guest')
        self.assertEqual(c.frame().payload, b'from the guest')
        other.close()
        server.close()
        c.call(DESTROY, bytes(dom))


def procedures():
    """name: (number, argument types and names, words) of the description that the daemon is made from"""
    idl = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../src/wire/remote.idl')
    with open(idl) as f:
        text = re.sub(r'#.*', '', f.read()).split('program REMOTE')[1].split('program ')[0]
    for m in re.finditer(r'proc (\w+) = (\d+) \(([^)]*)\)\s*->\s*\([^)]*\)\s*\[([^\]]*)\]', text):
        yield m[1], int(m[2]), [a.split() for a in m[3].split(',') if a.strip()], m[4].split()


def zero(type, name):
    """A member of this type with nothing in it; a domain that does not exist."""
    if type == 'domain' and not name.endswith('>'):
        return bytes(Domain('', b'no such guest 16', -1))
    if type.endswith('?') or name.endswith('>') or type in ('string', 'int', 'uint', 'char'):
        return u32(0)
    return {'hyper': bytes(8), 'uhyper': bytes(8), 'double': bytes(8), 'domain_snapshot': bytes(28), 'storage_pool': bytes(20), 'storage_vol': bytes(12)}.get(type, bytes(64))


class Rights(Base):
    """Every procedure: on a read-only connection, before authentication is over, and with a flag that nobody knows."""

    def test_every_procedure_read_only(self):
        for c in (self.opened('-ro'), self.opened(flags=1)):
            seen = 0
            for name, number, args, words in procedures():
                if any(w in ('ro', 'noauth', 'noopen') or w.startswith('ro-except') for w in words):
                    continue
                e = c.error(number)  # not even arguments that cannot be read tell more
                self.assertEqual((e.code, e.domain), (29, 20), f'{name}: {e.message}')
                seen += 1
            self.assertGreater(seen, 200)
            self.assertWorks(c)

    def test_every_procedure_before_open(self):
        c = self.conn()
        for name, number, args, words in procedures():
            if 'noopen' in words or 'noauth' in words:
                continue
            self.assertEqual(c.error(number).code, 1, name)

    def test_every_procedure_with_an_unknown_flag(self):
        c = self.opened()
        seen = 0
        for name, number, args, words in procedures():
            if not args or args[-1] != ['uint', 'flags'] or name == 'CONNECT_OPEN':
                continue
            payload = b''.join(zero(*a) for a in args[:-1]) + u32(1 << 27)
            e = c.error(number, payload)
            self.assertIn(e.code, (8, 3), f'{name}: {e.message}')
            seen += e.code == 8
        self.assertGreater(seen, 20)

    def test_every_procedure_cut_short(self):
        """Arguments that end early are refused, or read as something that is; nothing falls over."""
        c = self.opened()
        for name, number, args, words in procedures():
            if number in (CLOSE, OPEN):
                continue
            for n in (0, 4, 20, 27, 28):
                c.serial += 1
                c.send(frame(number, bytes(n), c.serial))
                while c.frame().serial != c.serial:
                    pass
        self.assertWorks(c)


class Limits(Base):
    config = 'max_clients = 3\n'

    def test_max_clients(self):
        """The fourth client waits until one of the three leaves; nobody is turned away."""
        first = [self.opened() for _ in range(3)]
        c = self.conn()
        c.send(frame(OPEN, maybe(text('')) + u32(0), serial=1))
        self.assertTrue(c.is_silent(0.2))
        first[0].close()
        c.answer(1)
        self.assertWorks(c)


class Private(unittest.TestCase):
    def test_private(self):
        """One client on a descriptor, no sockets; the daemon ends with it."""
        import socket as so, subprocess, tempfile
        ours, its = so.socketpair()
        with tempfile.TemporaryDirectory() as d:
            p = subprocess.Popen([XVIRTD, '--hypervisor', 'sim', '--private', str(its.fileno()), '--run-dir', d + '/run',
                                  '--state-dir', d + '/state', '--config-dir', d + '/etc', '--config', '/dev/null'],
                                 pass_fds=[its.fileno()])
            its.close()
            c = Conn.__new__(Conn)
            c.s, c.serial, c.events = ours, 0, []
            ours.settimeout(5)
            c.open()
            self.assertTrue(c.call(HOSTNAME).text())
            self.assertEqual([x for x in os.listdir(d + '/run') if 'sock' in x], [])
            c.close()
            self.assertEqual(p.wait(10), 0)


if __name__ == '__main__':
    XVIRTD = sys.argv.pop(1)
    unittest.main()
