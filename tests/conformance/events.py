#!/usr/bin/env python3
"""Every event that Xen can tell of a guest, in both forms of the protocol: what it says, in which order, to whom: events.py XVIRTD [TEST...]"""
import os, sys, unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from wire import *

XVIRTD = None
REBOOT, PIN_VCPU, SET_MEMORY, SHUTDOWN, SET_METADATA, MANAGED_SAVE = 27, 26, 31, 33, 264, 182
ATTACH, DETACH, UPDATE, PM_SUSPEND, PM_WAKEUP, RESET = 160, 161, 174, 261, 267, 245
LIVE, MANY = 1, 3000
# id: what it is called, its number in the older form and in the newer
IDS = {0: ('lifecycle', 107, 318), 1: ('reboot', 169, 319), 3: ('watchdog', 171, 321), 9: ('disk', 248, 327), 10: ('tray', 268, 328), 11: ('wakeup', 269, 329),
       12: ('sleep', 270, 330), 13: ('balloon', 276, 331), 15: ('removed', 311, 333), 17: ('tunable', None, 346), 19: ('added', None, 354),
       21: ('job', None, 363), 22: ('stays', None, 367), 23: ('metadata', None, 379)}
# those that no Xen tells: they can be registered for
SILENT = {2: 'rtc', 4: 'io-error', 5: 'graphics', 6: 'io-error-reason', 7: 'control-error', 8: 'block-job', 14: 'sleep-on-disk',
          16: 'block-job-2', 18: 'agent', 20: 'migration-iteration', 24: 'block-threshold', 25: 'memory-failure', 26: 'memory-device-size'}
BY_PROC = {proc: name for name, old, new in IDS.values() for proc in (old, new) if proc}
NEW = {new for _, _, new in IDS.values()}
GUEST = '''<domain type='xen'><name>%s</name><memory unit='KiB'>65536</memory><vcpu>1</vcpu><os><type>hvm</type></os>
<on_reboot>restart</on_reboot><on_crash>destroy</on_crash><devices><disk type='file' device='cdrom'><target dev='hdc'/><readonly/></disk>
<serial type='pty'/></devices></domain>'''
NIC = "<interface type='bridge'><source bridge='xenbr0'/><mac address='00:16:3e:11:22:33'/><alias name='ua-nic'/></interface>"
CDROM = "<disk type='file' device='cdrom'>%s<target dev='hdc'/><readonly/></disk>"


def u64(n):
    return struct.pack('>Q', n)


def params(r):
    """Typed parameters: a name, a type, a value."""
    found = {}
    for _ in range(r.u32()):
        name, kind = r.text(), r.u32()
        found[name] = r.text() if kind == 7 else r.u64() if kind in (3, 4, 5) else r.u32()
    return found


def words(f):
    """The guest's name, and what is said of it."""
    r, name = f.read(), BY_PROC[f.proc]
    if f.proc in NEW:
        r.u32()
        if name in ('wakeup', 'sleep'):
            assert r.u32() == 0
    dom = r.domain()
    more = {'lifecycle': lambda: f'{r.i32()} {r.i32()}', 'watchdog': lambda: str(r.i32()), 'tray': lambda: f'{r.text()} {r.i32()}',
            'disk': lambda: f'{r.text() if r.u32() else ""} {r.text() if r.u32() else ""} {r.text()} {r.i32()}',
            'balloon': lambda: str(r.u64()), 'removed': r.text, 'added': r.text, 'stays': r.text,
            'metadata': lambda: f'{r.i32()} {r.text() if r.u32() else ""}',
            'tunable': lambda: ' '.join(f'{k}={v}' for k, v in params(r).items()),
            'job': lambda: str(params(r)['operation'])}.get(name, lambda: '')()
    assert r.at == len(f.payload), f.payload
    return dom.name, f'{name} {more}'.strip()


class Events(unittest.TestCase):
    def setUp(self):
        self.d = Daemon(XVIRTD, sim='boot=1,ack=2,down=4')
        self.c = Conn(self.d.path, timeout=15).open()
        self.iso = self.d.dir + '/cd.iso'
        open(self.iso, 'w').close()

    def tearDown(self):
        self.c.close()
        status, log, left = self.d.stop()
        self.assertEqual((status, left), (0, []), log)

    def order(self, line):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(15)
            s.connect(self.d.control)
            s.sendall((line + '\n').encode())
            self.assertEqual(s.recv(1000), b'ok\n', line)

    def define(self, name, source=''):
        return self.c.call(DEFINE, text((GUEST % name).replace("<target dev='hdc'/>", source + "<target dev='hdc'/>"))).domain()

    def connect(self):
        c = Conn(self.d.path, timeout=15).open()
        self.addCleanup(c.close)
        return c

    def listen(self, guest=None, ids=IDS):
        c = self.connect()
        for id in ids:
            c.call(CB_REG, u32(id) + maybe(guest and bytes(guest)))
        return c

    def listen_old(self):
        c = self.connect()
        for id, (_, old, _) in IDS.items():
            if old:
                c.call(EV_REG_ANY, u32(id))
        return c

    def until(self, c, last):
        """All that comes, to the end of the guest that is named last."""
        said = []
        while not said or said[-1] != last:
            said.append(words(c.event()))
        return said

    def see(self, c, *want):
        """What comes next."""
        for w in want:
            self.assertEqual(words(c.event()), ('web', w))

    def live_through(self, dom, c):
        """A guest's life, with all that can be told of it."""
        call, empty = self.c.call, 'disk /nosuch.iso  hdc 0'
        call(CREATE, bytes(dom))
        self.see(c, empty, 'lifecycle 2 0', 'job 1')
        call(SUSPEND, bytes(dom))
        call(RESUME, bytes(dom))
        self.see(c, 'lifecycle 3 0', 'lifecycle 4 0')
        call(SET_MEMORY, bytes(dom) + u64(40000))
        self.see(c, 'balloon 40000')
        self.order('memory web 50000')  # as xl does
        self.see(c, 'balloon 50000')
        call(PIN_VCPU, bytes(dom) + u32(0) + text(b'\1'))
        self.see(c, 'tunable cputune.vcpupin0=0')
        call(SET_METADATA, bytes(dom) + u32(2) + maybe(text('<a/>')) + maybe(text('a')) + maybe(text('http://a/')) + u32(LIVE))
        self.see(c, 'metadata 2 http://a/')
        call(ATTACH, bytes(dom) + text(NIC) + u32(LIVE))
        self.see(c, 'added ua-nic')
        self.order('fail detach 1 "it is held"')
        self.assertIn('it is held', self.c.error(DETACH, bytes(dom) + text(NIC) + u32(LIVE)).message)
        self.see(c, 'stays ua-nic')
        call(DETACH, bytes(dom) + text(NIC) + u32(LIVE))
        self.see(c, 'removed ua-nic')
        call(UPDATE, bytes(dom) + text(CDROM % f"<source file='{self.iso}'/>") + u32(LIVE))
        call(UPDATE, bytes(dom) + text(CDROM % '') + u32(LIVE))
        self.see(c, 'tray hdc 1', 'tray hdc 0')
        call(PM_SUSPEND, bytes(dom) + u32(0) + u64(0) + u32(0))
        call(PM_WAKEUP, bytes(dom) + u32(0))
        self.see(c, 'sleep', 'lifecycle 7 0', 'wakeup', 'lifecycle 2 4')
        self.order('reboot web')
        self.see(c, 'reboot', 'lifecycle 5 0', empty, 'lifecycle 2 0', 'job 1')
        self.order('watchdog web')
        self.see(c, 'watchdog 3', 'lifecycle 5 2')
        call(CREATE, bytes(dom))
        self.see(c, empty, 'lifecycle 2 0', 'job 1')
        call(MANAGED_SAVE, bytes(dom) + u32(0))
        self.see(c, 'job 2', 'lifecycle 5 4')
        call(CREATE, bytes(dom))
        self.see(c, 'lifecycle 2 2', 'job 3')
        call(SHUTDOWN, bytes(dom))
        self.see(c, 'lifecycle 5 0')
        call(UNDEFINE, bytes(dom))
        self.see(c, 'lifecycle 1 0')

    def test_all_in_both_forms_to_those_who_asked(self):
        web, db = self.define('web', "<source file='/nosuch.iso' startupPolicy='optional'/>"), self.define('db')
        every, old, mine, other = self.listen(), self.listen_old(), self.listen(web), self.listen(db)
        self.live_through(web, mine)
        self.c.call(CREATE, bytes(db))
        self.c.call(DESTROY, bytes(db))
        end = ('db', 'lifecycle 5 1')
        said = self.until(every, end)
        self.assertEqual({w.split()[0] for _, w in said}, {name for name, _, _ in IDS.values()})
        self.assertEqual([w for n, w in said if n == 'db'], ['lifecycle 2 0', 'job 1', 'lifecycle 5 1'])
        spoken = {name for name, before, _ in IDS.values() if before}
        self.assertEqual(self.until(old, end), [(n, w) for n, w in said if w.split()[0] in spoken])
        self.assertEqual(self.until(other, end), said[-3:])
        self.assertTrue(mine.is_silent())

    def test_what_no_xen_tells_may_be_asked_for(self):
        web = self.define('web')
        c = self.listen(ids=SILENT)
        self.c.call(CREATE, bytes(web))
        self.c.call(RESET, bytes(web) + u32(0))
        self.c.call(DESTROY, bytes(web))
        self.assertTrue(c.is_silent())

    def test_who_does_not_read_is_cut_off_and_delays_nobody(self):
        web = self.define('web')
        self.c.call(CREATE, bytes(web))
        deaf, good, heard, slowest = self.listen(), self.listen(ids=[0]), [], 0
        uri = 'http://' + 'a' * 8000 + '/'  # more than the daemon keeps for one client
        for i in range(MANY):
            start = time.monotonic()
            self.c.call(SET_MEMORY, bytes(web) + u64(30000 + i))
            self.c.call(SET_METADATA, bytes(web) + u32(2) + maybe(text('<a/>')) + maybe(text('a')) + maybe(text(uri)) + u32(LIVE))
            slowest = max(slowest, time.monotonic() - start)
        self.assertLess(slowest, 1)
        self.c.call(DESTROY, bytes(web))
        self.assertEqual(words(good.event()), ('web', 'lifecycle 5 1'))
        try:
            while len(heard) < 2 * MANY:
                heard.append(words(deaf.event())[1])
        except (EOFError, ConnectionResetError):
            pass
        # what has reached it is from the beginning on, and nothing between is left out
        self.assertGreater(len(heard), 10)
        self.assertLess(len(heard), 2 * MANY)
        self.assertEqual(heard, [f'metadata 2 {uri}' if i % 2 else f'balloon {30000 + i // 2}' for i in range(len(heard))])


if __name__ == '__main__':
    XVIRTD = sys.argv.pop(1)
    unittest.main()
