#!/usr/bin/env python3
"""Each class of bad input that has hurt daemons of this kind, by its name, over a raw socket: badinput.py XVIRTD [TEST...]. Rights have
a test of their own (tests/unit/test_rights.c), XML and files theirs (tests/unit/test_xml.c, tests/integration/pool.sh)."""
import os, re, shutil, socket, struct, sys, tempfile, threading, time, unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import conformance
from conformance import Base, GUEST, procedures, zero
from wire import *

CREATE_XML, PIN_VCPU, GET_VCPUS, VCPU_PIN_INFO, CPU_STATS, CELLS_FREE, CPU_MAP = 10, 26, 20, 230, 262, 101, 293
SET_NUMA, PIN_VCPU_FLAGS = 254, 225
NODE_CPU_STATS, BLOCK_STATS, MEMORY_PARAMS, NAMES, ALL_STATS = 227, 243, 198, 17, 344
POOL_CREATE_XML, VOL_CREATE_XML, UPLOAD, DOWNLOAD, POOL_DESTROY = 76, 93, 208, 209, 80
SKIP = (OPEN, CLOSE)


class BadInput(Base):
    def settle(self, fds):
        """Everything that a client which is gone had is given back."""
        for _ in range(500):
            if self.d.n_fds() <= fds:
                return
            time.sleep(0.01)
        self.assertLessEqual(self.d.n_fds(), fds)

    def rss_kib(self):
        with open(f'/proc/{self.d.p.pid}/status') as f:
            text = f.read()
        with open(f'/proc/{self.d.p.pid}/maps') as f:
            if re.search('lib[at]san', f.read()):
                return 0
        return int(re.search(r'VmRSS:\s+(\d+)', text)[1])

    def started(self, name):
        c = self.opened()
        dom = c.call(CREATE_XML, text(GUEST % (name, 'xv.tick=0')) + u32(0)).domain()
        self.addCleanup(lambda: self.opened().call(DESTROY, bytes(dom)))
        return c, dom


class Frames(BadInput):
    def test_procedure_numbers_in_gaps_and_at_the_edges(self):
        known = {number for name, number, args, words in procedures()}
        c = self.opened()
        for number in [n for n in range(0, 520) if n not in known] + [-2 ** 31, -1, 2 ** 31 - 1, 65535, 65536, 1023, 1024, 1025]:
            e = c.error(number)
            self.assertTrue(e.message.startswith('unknown procedure'), number)
        self.assertWorks(c)

    def test_arguments_cut_at_each_byte(self):
        c = self.opened()
        for name, number, args, words in procedures():
            if number in SKIP:
                continue
            whole = b''.join(zero(*a) for a in args)
            for n in range(min(len(whole), 64)):
                c.serial += 1
                c.send(frame(number, whole[:n], c.serial))
                while c.frame().serial != c.serial:
                    pass
        self.assertWorks(c)

    def test_lengths_of_each_array_and_string(self):
        """-1, 0, the most and one more, as many as would wrap, with nothing behind them."""
        limits = {}
        idl = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../src/wire/remote.idl')
        with open(idl) as f:
            limits.update((m[1], int(m[2])) for m in re.finditer(r'^const (\w+) = (\d+)', f.read(), re.M))
        c, seen = self.opened(), 0
        for name, number, args, words in procedures():
            before = b''
            for a in args:
                type, member = a[0], a[-1]
                limit = re.search(r'<(\w+)>', member)
                if number not in SKIP and (limit or type.startswith('string')):
                    most = limits[limit[1]] if limit else limits['STRING_MAX']
                    for n in (-1, 0, 1, most, most + 1, 0x40000000, 0x80000000, 0x15555556):
                        opt = u32(1) if type.endswith('?') else b''
                        c.serial += 1
                        c.send(frame(number, before + opt + u32(n), c.serial))
                        while True:
                            f = c.frame()
                            if f.serial == c.serial and f.type == REPLY:
                                break
                        if n > most or n < 0:
                            self.assertEqual(f.status, ERROR, (name, member, n))
                        seen += 1
                before += zero(*a)
        self.assertGreater(seen, 1000)
        self.assertWorks(c)

    def test_counts_that_wrap_when_multiplied(self):
        c, dom = self.started('wraps')
        d = bytes(dom)
        for a, b in ((1023, 4198405), (65536, 65536), (-1, -1), (2 ** 31 - 1, 2 ** 31 - 1), (1, -1), (-1, 1), (16384, 2048)):
            for number, payload in ((GET_VCPUS, d + u32(a, b)), (VCPU_PIN_INFO, d + u32(a, b, 0)), (CPU_STATS, d + u32(a, 0, b, 0)),
                                    (CPU_STATS, d + u32(a, b, a, 0)), (CELLS_FREE, u32(a, b)), (NODE_CPU_STATS, u32(a, b, 0)),
                                    (BLOCK_STATS, d + text('xvda') + u32(a, 0)), (MEMORY_PARAMS, d + u32(a, 0))):
                c.serial += 1
                c.send(frame(number, payload, c.serial))
                while c.frame().serial != c.serial:
                    pass
        self.assertWorks(c)
        self.assertLess(self.rss_kib(), 200000)

    def test_optionals_absent_and_empty(self):
        c = self.opened()
        for name, number, args, words in procedures():
            if number in SKIP or not any(a[0].endswith('?') for a in args):
                continue
            for present in (0, 1, 2, 0xFFFFFFFF):
                payload = b''.join((u32(present) + (u32(0) if a[0] == 'string?' else bytes(64))) if a[0].endswith('?') else zero(*a)
                                   for a in args)
                c.serial += 1
                c.send(frame(number, payload, c.serial))
                while c.frame().serial != c.serial:
                    pass
        self.assertWorks(c)

    def test_outputs_are_always_set(self):
        """What is answered can be read by its type: every call without arguments, and the empty lists."""
        c = self.opened()
        for name, number, args, words in procedures():
            if number in SKIP or args or any(w in ('noauth', 'in', 'out') for w in words):
                continue
            try:
                c.call(number)
            except RemoteError as e:
                self.assertTrue(e.message, name)
        self.assertWorks(c)


class Life(BadInput):
    def test_client_goes_away_at_each_byte_of_a_call(self):
        c, dom = self.started('left')
        fds = self.d.n_fds()
        calls = ((GET_XML, bytes(dom) + u32(0)), (LIST_ALL, u32(1, 0)), (CB_REG, u32(0) + u32(0)), (CONSOLE, bytes(dom) + u32(0, 0)))
        for number, payload in calls:
            data = frame(OPEN, maybe(None) + u32(0), 1) + frame(number, payload, 2)
            for n in range(len(data) + 1):
                x = Conn(self.d.path)
                x.send(data[:n])
                if n % 3 == 0:
                    x.s.shutdown(socket.SHUT_WR)
                x.close()
        self.settle(fds)
        self.assertWorks(c)

    def test_client_goes_away_at_each_word_of_every_call(self):
        """All procedures, on an open connection: within the head, at each word of the arguments, half a word, and right after."""
        c, dom = self.started('cut')
        fds, before, calls = self.d.n_fds(), self.rss_kib(), 0
        opening = frame(OPEN, maybe(None) + u32(0), 1)
        for name, number, args, words in procedures():
            if name.startswith(('DOMAIN_DESTROY', 'DOMAIN_CREATE', 'DOMAIN_UNDEFINE', 'NODE_SUSPEND')):
                continue
            payload = b''.join(bytes(dom) if a[0] == 'domain' and not a[-1].endswith('>') else zero(*a) for a in args)
            data = frame(number, payload, 2)
            for n in {0, 1, 4, 27, *range(28, min(len(data), 28 + 64), 4), len(data) - 2, len(data)}:
                x = Conn(self.d.path)
                x.send(opening + data[:n])
                x.close()
            calls += 1
            self.assertWorks(c)
        self.assertGreater(calls, 380)
        self.settle(fds)
        self.assertLess(self.rss_kib() - before, 4096)

    def test_client_goes_away_while_each_call_runs(self):
        """Every procedure, with a guest that is there, unread and unwaited for."""
        c, dom = self.started('alone')
        fds = self.d.n_fds()
        for name, number, args, words in procedures():
            if number in SKIP or name.startswith(('DOMAIN_DESTROY', 'DOMAIN_CREATE', 'DOMAIN_UNDEFINE', 'NODE_SUSPEND')):
                continue
            payload = b''.join(bytes(dom) if a[0] == 'domain' and not a[-1].endswith('>') else zero(*a) for a in args)
            x = Conn(self.d.path)
            x.send(frame(OPEN, maybe(None) + u32(0), 1) + frame(number, payload, 2) * 3)
            x.close()
        self.assertWorks(c)
        self.settle(fds)

    def test_client_goes_away_among_events(self):
        c, dom = self.started('eventful')
        fds = self.d.n_fds()
        for n in range(40):
            x = self.opened()
            for event in range(n % 20):
                x.call(CB_REG, u32(event) + (maybe(bytes(dom)) if n % 2 else maybe(None)))
            c.call(SUSPEND, bytes(dom))
            if n % 4 == 0:
                x.close()
            c.call(RESUME, bytes(dom))
            x.close()
        self.settle(fds)
        self.assertWorks(c)

    def test_client_goes_away_at_each_point_of_a_stream(self):
        c, dom = self.started('streamed')
        pool = self.d.dir + '/pool'
        os.mkdir(pool)
        c.call(POOL_CREATE_XML, text(f"<pool type='dir'><name>p</name><target><path>{pool}</path></target></pool>") + u32(0))
        with open(pool + '/v', 'wb') as f:
            f.truncate(3000000)
        vol = text('p') + text('v') + text(pool + '/v')
        fds = self.d.n_fds()
        range64 = struct.pack('>QQ', 0, 0)
        for number, payload in ((CONSOLE, bytes(dom) + u32(0, 0)), (UPLOAD, vol + range64 + u32(0)), (DOWNLOAD, vol + range64 + u32(0)),
                                (DOWNLOAD, vol + range64 + u32(1)), (UPLOAD, vol + range64 + u32(1))):
            def data(status, body=b'', type=STREAM):
                return frame(number, body, 7, type=type, status=status)
            steps = [data(CONTINUE, b'x' * 5000), data(CONTINUE, b'y' * 300000), data(CONTINUE), data(OK), data(CONTINUE, b'late'),
                     data(ERROR), data(OK), data(CONTINUE, u32(0, 100, 0), HOLE)]
            for n in range(len(steps) + 1):
                for reads in (False, True):
                    x = self.opened()
                    x.send(frame(number, payload, 7))
                    if reads:
                        x.frame()
                    try:
                        x.send(b''.join(steps[:n]))
                    except (BrokenPipeError, ConnectionResetError):
                        pass
                    x.close()
        self.settle(fds)
        self.assertWorks(c)

    def test_a_console_that_takes_little_costs_its_client_and_not_the_daemon(self):
        """What comes faster than the guest reads is kept up to a limit; after that the connection is not read."""
        other, dom = self.started('deaf')
        c = self.opened()
        c.call(CONSOLE, bytes(dom) + u32(0, 0))
        before, sent = self.rss_kib(), 0
        block = frame(CONSOLE, b'x' * 262000, c.serial, type=STREAM, status=CONTINUE)
        c.s.settimeout(1)
        try:
            while sent < 64 << 20:
                c.s.sendall(block)
                sent += len(block)
        except socket.timeout:
            pass
        self.assertGreater(sent, 4 << 20)
        self.assertLess(self.rss_kib() - before, 16 << 10)
        self.assertWorks(other)
        c.close()
        self.assertWorks(other)

    def test_idle_connections_use_up_no_descriptors(self):
        c = self.opened()
        fds = self.d.n_fds()
        idle = [self.opened() for _ in range(300)]
        self.assertLessEqual(self.d.n_fds(), fds + 300)
        self.assertWorks(c)
        for x in idle:
            x.close()
        self.settle(fds)

    def test_client_that_never_reads(self):
        """Events and answers for it cost no more than their limit; others do not notice."""
        c, dom = self.started('deaf')
        deaf = self.opened()
        for event in range(20):
            deaf.call(CB_REG, u32(event) + maybe(None))
        for n in range(200):
            try:
                deaf.s.settimeout(0.02)
                deaf.send(frame(GET_XML, bytes(dom) + u32(0), n))
            except (TimeoutError, socket.timeout, BrokenPipeError):
                break
        start = time.monotonic()
        for _ in range(100):
            c.call(SUSPEND, bytes(dom))
            c.call(RESUME, bytes(dom))
        self.assertLess(time.monotonic() - start, 5)
        self.assertWorks(c)


class Guests(BadInput):
    def test_guest_that_reboots_in_a_loop(self):
        """It costs nobody else a wait, and no memory; it ends when it is told to."""
        c = self.opened()
        dom = c.call(CREATE_XML, text(GUEST % ('loops', 'xv.tick=0 xv.reboot=1')) + u32(0)).domain()
        c.call(CB_REG, u32(1) + maybe(None))
        fds, seen = self.d.n_fds(), 0
        for n in range(400):
            start = time.monotonic()
            c.call(LIST_ALL, u32(1, 0))
            self.assertLess(time.monotonic() - start, 2)
            seen = len(c.events)
            if n == 100:
                before = self.rss_kib()
            time.sleep(0.005)
        self.assertTrue(0 < seen < 50, f'{seen} reboots') # it is started later and later
        self.assertLess(self.rss_kib() - before, 4096)
        for _ in range(100):
            try:
                c.call(DESTROY, bytes(dom))
                break
            except RemoteError:
                time.sleep(0.01) # it is just being started again
        self.settle(fds)
        self.assertRaises(RemoteError, c.call, BY_NAME, text('loops'))

    def test_bitmaps_off_by_one_and_indices_below_zero(self):
        c, dom = self.started('mapped')
        d = bytes(dom)
        for vcpu in (-1, 2, 3, 2 ** 31, 4294967295):
            for number, more in ((PIN_VCPU, b''), (PIN_VCPU_FLAGS, u32(1))):
                e = c.error(number, d + u32(vcpu) + text(b'\x01') + more)
                self.assertIn(e.code, (8, 55), (vcpu, e.message))
        for length in (0, 1, 2, 7, 8, 9, 2047, 2048):
            for fill in (b'\0', b'\xff'):
                try:
                    c.call(PIN_VCPU, d + u32(0) + text(fill * length))
                except RemoteError as e:
                    self.assertIn(e.code, (8, 55, 39), e.message)
        self.assertEqual(c.error(PIN_VCPU, d + u32(0) + text(b'\xff' * 2049)).code, 39)
        for number, payload in ((GET_VCPUS, d + u32(-1, -1)), (VCPU_PIN_INFO, d + u32(-1, 1, 0)), (CELLS_FREE, u32(-1, 1)),
                                (NODE_CPU_STATS, u32(-3, 4, 0)), (CPU_STATS, d + u32(4, -2, 1, 0))):
            self.assertTrue(c.error(number, payload).message)
        self.assertWorks(c)

    def test_numatune_of_a_guest_that_is_off(self):
        c = self.opened()
        dom = c.call(DEFINE, text(GUEST % ('off', ''))).domain()
        param = u32(1) + text('numa_nodeset') + u32(7) + text('0')
        self.assertEqual(c.error(SET_NUMA, bytes(dom) + param + u32(1)).code, 55)
        c.call(GET_INFO, bytes(dom))
        c.call(UNDEFINE, bytes(dom))

    def test_answers_larger_than_a_frame(self):
        """Documents as large as may be: the answer is an error or whole, and the connection lives."""
        c = self.opened()
        xml = (GUEST % ('large', '')).replace('<memory', '<description>%s</description><memory' % ('&amp;' * 700000), 1)
        dom = c.call(DEFINE, text(xml)).domain()
        try:
            self.assertGreater(len(c.call(GET_XML, bytes(dom) + u32(0)).text()), 3000000)
        except RemoteError as e:
            self.assertTrue(e.message)
        c.call(LIST_ALL, u32(1, 0))
        c.call(UNDEFINE, bytes(dom))
        self.assertWorks(c)


class Documents(BadInput):
    def refused(self, xml):
        return self.opened().error(DEFINE, text(xml))

    def test_entities_external_and_in_floods(self):
        guest = GUEST % ('%s', '')
        for dtd, name in (('<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>', '&x;'),
                          ('<!DOCTYPE d [' + '<!ENTITY a "aaaaaaaaaa">' + ''.join(
                              f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(12)) + ']>', '&m;')):
            start = time.monotonic()
            e = self.refused(dtd + guest % name)
            self.assertNotIn('root:', e.message)
            self.assertLess(time.monotonic() - start, 2)

    def test_elements_in_elements_in_elements(self):
        for n in (100, 10000, 100000):
            self.assertTrue(self.refused('<domain>' + '<a>' * n + '</a>' * n + '</domain>').message)
            self.assertTrue(self.refused('<domain>' + '<a>' * n).message)

    def test_thousands_of_newlines_before_an_error(self):
        e = self.refused('\n' * 100000 + '<domain type="xen"><name>n</name>' + '\n' * 100000 + '</wrong>')
        self.assertLess(len(e.message), 1024)

    def test_names_that_are_paths_or_lines(self):
        for name in ('../evil', 'a/b', '/etc/passwd', '.', '..', 'two\nlines', 'a&#10;b', 'x' * 5000, ''):
            self.assertTrue(self.refused(GUEST % (name, '')).message, name)
        for name in ('../evil', 'a/b', '..'):
            e = self.opened().error(POOL_CREATE_XML, text(f"<pool type='dir'><name>{name}</name><target><path>/x</path></target></pool>") + u32(0))
            self.assertTrue(e.message)


class Denied(BadInput):
    """A right that turns out to be missing in the middle of a call leaves nothing behind: no lock, no guest, no job."""

    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp()
        with open(cls.dir + '/policy', 'w') as f:
            f.write('allow any connect.*\nallow any domain.* may-*\nallow any domain.getattr,domain.read,domain.start\n')
        cls.config = f'policy_file = "{cls.dir}/policy"\n'
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        shutil.rmtree(cls.dir)

    def test_right_denied_in_the_middle(self):
        c = self.opened()
        uuid = '66666666-6666-6666-6666-666666666666'
        mine = (GUEST % ('may-one', '')).replace('</name>', f'</name><uuid>{uuid}</uuid>')
        dom = c.call(DEFINE, text(mine)).domain()
        for _ in range(20):
            # the name is allowed, and the flag's right is not; the document's name is not; a look-up's answer is not
            self.assertEqual(c.error(DEFINE, text(GUEST % ('must-not', ''))).code, 88)
            self.assertEqual(c.error(CREATE_XML, text(GUEST % ('must-not', '')) + u32(0)).code, 88)
        self.assertRaises(RemoteError, c.call, BY_NAME, text('must-not'))
        c.call(CREATE, bytes(dom))
        c.call(DESTROY, bytes(dom))
        c.call(UNDEFINE, bytes(dom))
        self.assertWorks(c)


class Last(bytes):
    """An answer after which it hangs up."""


class Other:
    """A daemon of another driver, as bad as wanted: `answer` gets each call and returns the bytes to send."""

    def __init__(self, path, answer):
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        self.server.listen(50)
        self.path, self.answer, self.conns = path, answer, []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                s, _ = self.server.accept()
            except OSError:
                return
            self.conns.append(s)
            threading.Thread(target=self.serve, args=(s,), daemon=True).start()

    def serve(self, s):
        try:
            while True:
                head = s.recv(28, socket.MSG_WAITALL)
                if len(head) < 28:
                    return
                n, _, _, proc, _, serial, _ = struct.unpack('>IIIiIII', head)
                payload = s.recv(n - 28, socket.MSG_WAITALL) if n > 28 else b''
                data = self.answer(proc, serial, payload)
                s.sendall(data)
                if isinstance(data, Last):
                    s.shutdown(socket.SHUT_RDWR)
                    return
        except OSError:
            pass

    def close(self):
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        if os.path.exists(self.path):
            os.unlink(self.path)
        for s in self.conns:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()
        self.conns = []


def reply(proc, serial, payload=b'', type=REPLY, status=OK):
    return frame(proc, payload, serial, type=type, status=status)


def polite(proc, serial, payload):
    """As a daemon should: no authentication, and it lets itself be opened."""
    return reply(proc, serial, u32(1, 0) if proc == AUTH_LIST else b'')


REAL, HIDDEN = b'\x11' * 16, b'\x22' * 16
# driver: how an object of a name and uuid is written, its look-up by uuid, and a change of it
BY_UUID = {'network': (lambda name, uuid: text(name) + uuid, 47, 42), 'storage': (lambda name, uuid: text(name) + uuid, 85, 80),
           'nwfilter': (lambda name, uuid: text(name) + uuid, 176, 181), 'secret': (lambda name, uuid: uuid + u32(1) + text(name), 141, 146)}
VOL_DELETE = 94


class Forged(BadInput):
    """Rights by name on objects of other daemons: what a client writes beside a uuid does not count."""

    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix='xvo.')
        with open(cls.dir + '/policy', 'w') as f:
            f.write('allow any connect.*\n')
            for what in ('network', 'storage_pool', 'nwfilter', 'secret'):
                f.write(f'allow any {what}.* may-*\n')
            f.write('allow any storage_vol.* may-pool/may-*\n')
        cls.config = f'relay_dir = "{cls.dir}"\npolicy_file = "{cls.dir}/policy"\n'
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        shutil.rmtree(cls.dir)

    def other(self, driver, asked):
        form, lookup, _ = BY_UUID[driver]

        def answer(proc, serial, payload):
            if proc == lookup:
                return reply(proc, serial, form('may-be' if payload == REAL else 'must-not', payload))
            asked.append((proc, payload))
            return polite(proc, serial, payload)
        o = Other(f'{self.dir}/virt{driver}d-sock', answer)
        self.addCleanup(o.close)

    def test_forged_name_beside_another_uuid(self):
        for driver, (form, _, change) in BY_UUID.items():
            with self.subTest(driver):
                asked = []
                self.other(driver, asked)
                c = self.opened()
                for name in ('may-be', 'must-not', ''):
                    self.assertError(c.error(change, form(name, HIDDEN)), 88)
                self.assertNotIn(change, [proc for proc, _ in asked])
                c.call(change, form('must-not', REAL))  # a stale name does no harm either
                self.assertEqual([payload for proc, payload in asked if proc == change], [form('must-not', REAL)])

    def test_forged_key_of_a_volume(self):
        asked = []
        self.other('storage', asked)
        c = self.opened()
        for pool, name, key in (('may-pool', 'other', 'may-pool/may-x'), ('other', 'may-x', '/may-pool/may-x'), ('may-pool', '../may-pool/may-x', 'k')):
            self.assertError(c.error(VOL_DELETE, text(pool) + text(name) + text(key) + u32(0)), 88)
        self.assertNotIn(VOL_DELETE, [proc for proc, _ in asked])
        c.call(VOL_DELETE, text('may-pool') + text('may-x') + text('/elsewhere') + u32(0))
        self.assertIn(VOL_DELETE, [proc for proc, _ in asked])


NUM_NETWORKS, NET_REG, NET_DEREG, NET_EVENT = 52, 313, 314, 315


class OtherDaemons(BadInput):
    """What the daemons of other drivers may do to ours, and its clients."""

    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix='xvo.')
        cls.config = f'relay_dir = "{cls.dir}"\n'
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        shutil.rmtree(cls.dir)

    def other(self, answer, driver='network'):
        o = Other(f'{self.dir}/virt{driver}d-sock', answer)
        self.addCleanup(o.close)
        return o

    def test_it_hangs_up_at_each_byte(self):
        count = reply(NUM_NETWORKS, 0, u32(7))
        for n in range(len(count) + 1):
            o = Other(self.dir + '/virtnetworkd-sock', lambda proc, serial, payload, n=n: polite(proc, serial, payload)
                      if proc != NUM_NETWORKS else Last(reply(proc, serial, u32(7))[:n]))
            c = self.opened()
            c.send(frame(NUM_NETWORKS, b'', 5))
            if n < len(count):
                with self.assertRaises(RemoteError) as e:
                    c.answer(5)
                self.assertError(e.exception, 9)
            else:
                self.assertEqual(c.answer(5).u32(), 7)
            o.close()
            self.assertWorks(c)

    def test_it_never_answers(self):
        self.other(lambda proc, serial, payload: b'')
        c = self.opened()
        fds = self.d.n_fds()
        deaf = [self.opened() for _ in range(20)]
        for x in deaf:
            x.send(frame(NUM_NETWORKS, b'', 1) * 4)  # with 5 it would not be read any more, and its leaving seen later
        self.assertWorks(c)
        for x in deaf:
            x.close()
        self.settle(fds)

    def test_it_refuses(self):
        for bad in (u32(1, 1), u32(1, 2), u32(0xFFFFFFFF), b''):  # it wants SASL, polkit; nonsense
            o = Other(self.dir + '/virtnetworkd-sock', lambda proc, serial, payload: reply(proc, serial, bad))
            self.assertError(self.opened().error(NUM_NETWORKS), 9)
            o.close()

    def test_it_answers_what_nobody_asked(self):
        for junk in (reply(NUM_NETWORKS, 4711, u32(1)), u32(3), u32(0xFFFFFFFF), frame(9999, b'x', 1, type=9, status=7),
                     frame(NUM_NETWORKS, b'', 1), reply(207, 3, b'data', STREAM, CONTINUE), reply(207, 3, b'', HOLE, CONTINUE)):
            o = Other(self.dir + '/virtnetworkd-sock', lambda proc, serial, payload: polite(proc, serial, payload)
                      if proc != NUM_NETWORKS else junk + reply(proc, serial, u32(7)))
            c = self.opened()
            try:
                self.assertEqual(c.call(NUM_NETWORKS).u32(), 7)
            except RemoteError as e:
                self.assertError(e, 9)
            self.assertEqual(c.events, [])
            self.assertWorks(c)
            o.close()

    def test_its_events_have_our_numbers(self):
        numbers = iter((70, 71))
        o = self.other(lambda proc, serial, payload: polite(proc, serial, payload) if proc != NET_REG
                       else reply(proc, serial, u32(next(numbers))))
        c = self.opened()
        first = c.call(CB_REG, u32(0) + maybe(None)).u32()
        a = c.call(NET_REG, u32(0) + maybe(None)).u32()
        b = c.call(NET_REG, u32(0) + maybe(text('n') + bytes(16))).u32()
        self.assertEqual(len({first, a, b}), 3)
        body = text('n') + bytes(16) + u32(1, 2)
        for number in (72, 70, 0, a, 71):
            o.conns[-1].sendall(frame(NET_EVENT, u32(number) + body, 1, type=MESSAGE))
        o.conns[-1].sendall(frame(318, u32(70) + bytes(64), 1, type=MESSAGE))  # no event of a network
        got = [c.event() for _ in range(2)]
        self.assertEqual([(f.proc, f.read().u32(), f.payload[4:]) for f in got], [(NET_EVENT, a, body), (NET_EVENT, b, body)])
        self.assertTrue(c.is_silent())
        self.assertError(c.error(NET_DEREG, u32(4711)), 1)
        c.call(NET_DEREG, u32(a))
        o.conns[-1].sendall(frame(NET_EVENT, u32(70) + body, 1, type=MESSAGE))
        self.assertTrue(c.is_silent())

    def test_it_floods_a_client_that_does_not_read(self):
        sent = [0]

        def answer(proc, serial, payload):
            if proc != DOWNLOAD:
                return polite(proc, serial, payload)
            s = o.conns[-1]
            s.settimeout(1)
            s.sendall(reply(proc, serial))
            try:
                while sent[0] < 400:
                    s.sendall(reply(proc, serial, bytes(250000), STREAM, CONTINUE))
                    sent[0] += 1
            except (TimeoutError, socket.timeout):
                pass
            return b''
        o = self.other(answer, 'storage')
        c, deaf = self.opened(), self.opened()
        fds = self.d.n_fds()
        deaf.send(frame(DOWNLOAD, text('p') + text('v') + text('k') + struct.pack('>QQ', 0, 0) + u32(0), 1))
        time.sleep(1.5)
        self.assertLess(sent[0], 40)  # 10 MB: its own buffers, the kernel's, and a few frames of ours
        self.assertWorks(c)
        deaf.close()
        self.settle(fds)


if __name__ == '__main__':
    conformance.XVIRTD = sys.argv[1]
    unittest.main(argv=[sys.argv[0]] + sys.argv[2:])
