#!/usr/bin/env python3
"""xvirtd as a process: process.py XVIRTD. Start, readiness, sockets, signals, a second one, being killed."""
import grp, os, re, shutil, signal, socket, stat, subprocess, sys, tempfile, time, unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import conformance
from wire import *

XVIRTD = None
NAMES = ('libvirt-sock', 'libvirt-sock-ro', 'virtxend-sock', 'virtxend-sock-ro')


class Process(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix='xvp.')
        self.addCleanup(shutil.rmtree, self.dir)
        self.run_dir = self.dir + '/run'
        self.write_config('')

    def write_config(self, text):
        with open(self.dir + '/conf', 'w') as f:
            f.write(text)

    def start(self):
        """Starts the daemon and waits for its readiness message."""
        ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(ready.close)
        path = f'{self.dir}/notify.{time.monotonic_ns()}'
        ready.bind(path)
        ready.settimeout(10)
        p = subprocess.Popen([XVIRTD, '--hypervisor', 'sim', '--config', self.dir + '/conf', '--run-dir', self.run_dir,
                              '--state-dir', self.dir + '/state', '--config-dir', self.dir + '/etc', '--verbose'],
                             env={**os.environ, 'NOTIFY_SOCKET': path}, stderr=subprocess.PIPE, text=True)
        self.addCleanup(p.stderr.close)
        self.addCleanup(lambda: p.poll() is None and (p.kill(), p.wait()))
        self.ready = ready
        self.assertEqual(ready.recv(100), b'READY=1')
        return p

    def works(self, name='libvirt-sock'):
        c = Conn(f'{self.run_dir}/{name}')
        self.addCleanup(c.close)
        c.open()
        self.assertTrue(c.call(HOSTNAME).text())
        return c

    def stop(self, p, sig=signal.SIGTERM):
        p.send_signal(sig)
        return p.wait(10)

    def test_ready_and_stop(self):
        p = self.start()
        for name in NAMES:
            self.works(name)
            mode = stat.S_IMODE(os.stat(f'{self.run_dir}/{name}').st_mode)
            self.assertEqual(mode, 0o777 if name.endswith('-ro') else 0o700, name)
        self.assertEqual(self.stop(p), 0)
        self.assertEqual(self.ready.recv(100), b'STOPPING=1')
        self.assertFalse([x for x in os.listdir(self.run_dir) if 'sock' in x])

    def test_modes_as_configured(self):
        self.write_config('unix_sock_rw_perms = "0770"\nunix_sock_ro_perms = "0755"\n')
        p = self.start()
        self.assertEqual([stat.S_IMODE(os.stat(f'{self.run_dir}/{n}').st_mode) for n in NAMES], [0o770, 0o755] * 2)
        self.assertEqual(self.stop(p, signal.SIGINT), 0)

    def test_group_and_admin_mode_as_configured(self):
        group = grp.getgrgid((os.getgroups() + [os.getgid()])[-1])
        self.write_config(f'unix_sock_group = "{group.gr_name}"\nunix_sock_admin_perms = "0750"\n')
        p = self.start()
        for name in NAMES:
            self.assertEqual(os.stat(f'{self.run_dir}/{name}').st_gid, group.gr_gid)
        for name in ('libvirt-admin-sock', 'virtxend-admin-sock'):
            self.assertEqual(stat.S_IMODE(os.stat(f'{self.run_dir}/{name}').st_mode), 0o750)
        self.assertEqual(self.stop(p), 0)
        for bad, what in (('unix_sock_group = "no-such-group"', 'no-such-group'), ('unix_sock_admin_perms = "rwx"', 'unix_sock_admin_perms')):
            self.write_config(bad + '\n')
            r = subprocess.run([XVIRTD, '--hypervisor', 'sim', '--config', self.dir + '/conf', '--run-dir', self.run_dir, '--state-dir',
                                self.dir + '/state', '--config-dir', self.dir + '/etc'], capture_output=True, text=True, timeout=20)
            self.assertEqual(r.returncode, 1)
            self.assertIn(what, r.stderr)

    def audited(self, level):
        """What the log's file has of a definition."""
        path = f'{self.dir}/log.{level}'
        self.write_config(f'log_outputs = "1:file:{path}"\naudit_logging = 1\naudit_level = {level}\n')
        p = self.start()
        c = self.works()
        c.call(DEFINE, text(conformance.GUEST % (f'audited{level}', '')))
        self.assertEqual(self.stop(p), 0)
        with open(path) as f:
            return re.findall('call=DOMAIN_DEFINE_XML.*', f.read())

    def test_log_and_audit_as_configured(self):
        self.assertEqual(self.audited(0), [])
        lines = self.audited(1)
        self.assertEqual(len(lines), 1, lines)
        self.assertRegex(lines[0], 'guest="audited1".*result=ok')

    def test_one_at_a_time(self):
        p = self.start()
        second = subprocess.run([XVIRTD, '--hypervisor', 'sim', '--config', '/dev/null', '--run-dir', self.run_dir, '--state-dir',
                                 self.dir + '/s2', '--config-dir', self.dir + '/e2'], capture_output=True, text=True, timeout=10)
        self.assertEqual(second.returncode, 1)
        self.assertIn('another xvirtd is running', second.stderr)
        self.works()
        self.assertEqual(self.stop(p), 0)

    def test_somebody_elses_socket(self):
        os.mkdir(self.run_dir)
        other = socket.socket(socket.AF_UNIX)
        self.addCleanup(other.close)
        other.bind(self.run_dir + '/virtxend-sock')
        other.listen(5)
        r = subprocess.run([XVIRTD, '--hypervisor', 'sim', '--config', '/dev/null', '--run-dir', self.run_dir, '--state-dir',
                            self.dir + '/s', '--config-dir', self.dir + '/e'], capture_output=True, text=True, timeout=10)
        self.assertEqual(r.returncode, 1)
        self.assertIn('another daemon answers', r.stderr)
        self.assertEqual([x for x in os.listdir(self.run_dir) if 'sock' in x], ['virtxend-sock'])

    def test_killed_and_started_again(self):
        p = self.start()
        c = self.works()
        self.stop(p, signal.SIGKILL)
        self.assertTrue(c.is_closed())
        self.assertTrue(os.path.exists(self.run_dir + '/libvirt-sock'))
        p = self.start()
        self.works()
        self.assertEqual(self.stop(p), 0)

    def test_sockets_from_systemd(self):
        os.mkdir(self.run_dir)
        made = []
        for name in ('libvirt-sock', 'libvirt-sock-ro'):
            s = socket.socket(socket.AF_UNIX)
            self.addCleanup(s.close)
            s.bind(f'{self.run_dir}/{name}')
            s.listen(5)
            made.append(s)
        early = Conn(self.run_dir + '/libvirt-sock')  # comes before the daemon does, and is served
        self.addCleanup(early.close)
        fds = [s.fileno() for s in made]

        # A shell takes the descriptors to 3 and 4 and says its own pid, which the daemon keeps
        script = (f'exec 13<&{fds[0]} 14<&{fds[1]} && exec 3<&13 4<&14 13<&- 14<&- && LISTEN_PID=$$ LISTEN_FDS=2 '
                  'LISTEN_FDNAMES=xvirtd.socket:xvirtd-ro.socket exec "$@"')
        p = self.start_shell(script, XVIRTD, fds)
        early.open()
        self.assertTrue(early.call(HOSTNAME).text())
        c = self.works('libvirt-sock-ro')
        self.assertEqual(c.error(DESTROY).code, 29)
        self.works('virtxend-sock')
        self.assertEqual(self.stop(p), 0)
        self.assertEqual(sorted(x for x in os.listdir(self.run_dir) if 'sock' in x), ['libvirt-sock', 'libvirt-sock-ro'])

    def start_shell(self, script, real, fds):
        ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(ready.close)
        ready.bind(self.dir + '/notify')
        ready.settimeout(10)
        p = subprocess.Popen(['/bin/bash', '-c', script, 'sh', real, '--hypervisor', 'sim', '--config', '/dev/null', '--run-dir',
                              self.run_dir, '--state-dir', self.dir + '/state', '--config-dir', self.dir + '/etc'],
                             env={**os.environ, 'NOTIFY_SOCKET': self.dir + '/notify'}, pass_fds=fds, stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: p.poll() is None and (p.kill(), p.wait()))
        self.assertEqual(ready.recv(100), b'READY=1')
        return p

    def test_reload(self):
        """SIGHUP reads the configuration again; a wrong one changes nothing."""
        p = self.start()
        first = self.works()
        self.write_config('max_clients = 1\n')
        p.send_signal(signal.SIGHUP)
        time.sleep(0.2)
        waiting = Conn(self.run_dir + '/libvirt-sock')
        self.addCleanup(waiting.close)
        waiting.send(frame(OPEN, maybe(text('')) + u32(0), serial=1))
        self.assertTrue(waiting.is_silent(0.2))
        self.write_config('max_clients = 5\nnonsense = 1\n')
        p.send_signal(signal.SIGHUP)
        self.assertTrue(waiting.is_silent(0.2))
        self.write_config('max_clients = 5\n')
        p.send_signal(signal.SIGHUP)
        waiting.answer(1)
        self.assertTrue(first.call(HOSTNAME).text())
        self.assertEqual(self.stop(p), 0)
        self.assertIn('nonsense', p.stderr.read())

    def test_bad_configuration(self):
        self.write_config('max_clients = many\n')
        r = subprocess.run([XVIRTD, '--config', self.dir + '/conf', '--run-dir', self.run_dir], capture_output=True, text=True)
        self.assertEqual(r.returncode, 1)
        self.assertIn('conf:1:', r.stderr)

    def test_words(self):
        for args, status, out in ((['--help'], 0, 'usage: xvirtd'), (['--version'], 0, 'xvirtd '), (['--nosuch'], 2, ''),
                                  (['word'], 2, ''), (['--hypervisor', 'kvm'], 2, '')):
            r = subprocess.run([XVIRTD, *args], capture_output=True, text=True, timeout=10)
            self.assertEqual(r.returncode, status, args)
            self.assertTrue(r.stdout.startswith(out), args)
            self.assertEqual(bool(r.stderr), status != 0, args)

    def test_clients_come_and_go(self):
        """No descriptor stays behind, however a client leaves."""
        p = self.start()
        self.works()
        before = len(os.listdir(f'/proc/{p.pid}/fd'))
        pieces = frame(OPEN, maybe(text('')) + u32(0), serial=1) + frame(HOSTNAME, serial=2)
        for n in range(0, len(pieces), 3):
            c = Conn(self.run_dir + '/libvirt-sock')
            c.send(pieces[:n])
            c.close()
        for _ in range(300):
            if len(os.listdir(f'/proc/{p.pid}/fd')) == before:
                break
            time.sleep(0.01)
        self.assertEqual(len(os.listdir(f'/proc/{p.pid}/fd')), before)
        self.assertEqual(self.stop(p), 0)


if __name__ == '__main__':
    XVIRTD = sys.argv.pop(1)
    unittest.main()
