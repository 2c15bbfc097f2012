"""A raw client of the remote protocol: frames and a little XDR, nothing of a library between test and socket."""
import array, os, re, shutil, signal, socket, struct, subprocess, sys, tempfile, time

REMOTE, KEEPALIVE = 0x20008086, 0x6B656570
CALL, REPLY, MESSAGE, STREAM, CALL_FDS, REPLY_FDS, HOLE = range(7)
OK, ERROR, CONTINUE = range(3)
OPEN, CLOSE, GET_TYPE, GET_VERSION = 1, 2, 3, 4
CREATE, DEFINE, DESTROY, GET_XML, GET_INFO, BY_NAME, RESUME, SUSPEND, UNDEFINE = 9, 11, 12, 14, 16, 23, 28, 34, 35
LIST_DOMAINS, HOSTNAME, FEATURE, LIST_ALL = 37, 59, 60, 273
AUTH_LIST, SASL_INIT, SASL_START, SASL_STEP, POLKIT = 66, 67, 68, 69, 70
EV_REG, EV_DEREG, EV_LIFECYCLE, EV_REG_ANY, EV_DEREG_ANY = 105, 106, 107, 167, 168
CB_REG, CB_DEREG, CB_LIFECYCLE = 316, 317, 318
CONSOLE, BLOCK_STATS_FLAGS, MEMORY_STATS, GET_STATE, CREATE_FLAGS = 201, 243, 159, 212, 196
SCHED_GET, SCHED_SET = 57, 58


def u32(*values):
    return b''.join(struct.pack('>I', v & 0xFFFFFFFF) for v in values)


def text(s):
    b = s.encode() if isinstance(s, str) else s
    return u32(len(b)) + b + bytes(-len(b) % 4)


def maybe(b):
    return u32(0) if b is None else u32(1) + b


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def u32(self):
        self.at += 4
        return struct.unpack_from('>I', self.data, self.at - 4)[0]

    def i32(self):
        self.at += 4
        return struct.unpack_from('>i', self.data, self.at - 4)[0]

    def u64(self):
        self.at += 8
        return struct.unpack_from('>Q', self.data, self.at - 8)[0]

    def bytes(self):
        n = self.u32()
        b = self.data[self.at:self.at + n]
        self.at += n + (-n % 4)
        return b

    def text(self):
        return self.bytes().decode()

    def domain(self):
        name, uuid = self.text(), self.data[self.at:self.at + 16]
        self.at += 16
        return Domain(name, uuid, self.i32())


class Domain:
    def __init__(self, name, uuid, id):
        self.name, self.uuid, self.id = name, uuid, id

    def __bytes__(self):
        return text(self.name) + self.uuid + u32(self.id)


class Frame:
    def __init__(self, data):
        (self.program, self.version, self.proc, self.type, self.serial, self.status) = struct.unpack_from('>IIiIII', data, 4)
        self.payload = data[28:]

    def read(self):
        return Reader(self.payload)


class RemoteError(Exception):
    def __init__(self, payload):
        r = Reader(payload)
        self.code, self.domain = r.u32(), r.u32()
        self.message = r.text() if r.u32() else None
        self.level = r.u32()
        super().__init__(f'code {self.code} domain {self.domain}: {self.message}')


def frame(proc, payload=b'', serial=0, type=CALL, status=OK, program=REMOTE, version=1):
    body = struct.pack('>IIiIII', program, version, proc, type, serial, status) + payload
    return u32(len(body) + 4) + body


class Conn:
    def __init__(self, path, timeout=5):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.settimeout(timeout)
        self.s.connect(path)
        self.serial, self.events = 0, []

    def close(self):
        self.s.close()

    def send(self, data):
        self.s.sendall(data)

    def bytes(self, n):
        data = b''
        while len(data) < n:
            got = self.s.recv(n - len(data))
            if not got:
                raise EOFError(data)
            data += got
        return data

    def frame(self):
        head = self.bytes(4)
        return Frame(head + self.bytes(struct.unpack('>I', head)[0] - 4))

    def is_closed(self):
        """Nothing more comes, and the other side has closed."""
        try:
            return self.s.recv(1) == b''
        except ConnectionResetError:
            return True

    def is_silent(self, seconds=0.3):
        old = self.s.gettimeout()
        self.s.settimeout(seconds)
        try:
            self.s.recv(1)
            return False
        except (TimeoutError, socket.timeout):
            return True
        finally:
            self.s.settimeout(old)

    def answer(self, serial):
        """The reply with this serial; events on the way are kept."""
        while True:
            f = self.frame()
            if f.type == REPLY and f.serial == serial:
                if f.status == ERROR:
                    raise RemoteError(f.payload)
                return f.read()
            self.events.append(f)

    def call(self, proc, payload=b'', **more):
        self.serial += 1
        self.send(frame(proc, payload, self.serial, **more))
        return self.answer(self.serial)

    def event(self):
        return self.events.pop(0) if self.events else self.frame()

    def open(self, uri='xen:///system', flags=0):
        self.call(OPEN, maybe(text(uri)) + u32(flags))
        return self

    def error(self, proc, payload=b'', **more):
        """The error that the call is answered with."""
        try:
            self.call(proc, payload, **more)
        except RemoteError as e:
            return e
        raise AssertionError(f'procedure {proc} was not refused')

    def send_fds(self, n):
        r, w = os.pipe()
        for _ in range(n):
            self.s.sendmsg([b'\0'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [r]))])
        os.close(r)
        os.close(w)


noted = set()


def note_calls(log):
    """What was answered without an error, for docs/calls.md (tests/calls.py)."""
    folder = os.environ.get('XVIRT_CALLS')
    if folder:
        noted.update(re.findall(r'debug: ([A-Z0-9_]+): (?:done|sent)$', log, re.M))
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, os.path.basename(sys.argv[0])[:-3]), 'w') as f:
            f.write('\n'.join(sorted(noted)) + '\n')


class Daemon:
    """An xvirtd with a simulated host, in a folder of its own."""

    def __init__(self, xvirtd, config='', sim=''):
        self.dir = tempfile.mkdtemp(prefix='xvc.')
        with open(self.dir + '/conf', 'w') as f:
            f.write(config)
        self.log = open(self.dir + '/log', 'w')
        self.control = self.dir + '/ctl'
        options = ','.join(o for o in ('control=' + self.control, sim) if o)
        self.p = subprocess.Popen([xvirtd, '--hypervisor', 'sim', '--sim-options', options, '--config', self.dir + '/conf',
                                   '--run-dir', self.dir + '/run', '--state-dir', self.dir + '/state', '--config-dir',
                                   self.dir + '/etc', '--verbose'], stderr=self.log)
        self.path = self.dir + '/run/libvirt-sock'
        for _ in range(500):
            if os.path.exists(self.dir + '/run/virtxend-sock-ro') or self.p.poll() is not None:
                break
            time.sleep(0.01)

    def n_fds(self):
        return len(os.listdir(f'/proc/{self.p.pid}/fd'))

    def stop(self):
        self.p.send_signal(signal.SIGTERM)
        status = self.p.wait(10)
        self.log.close()
        with open(self.dir + '/log') as f:
            log = f.read()
        note_calls(log)
        left = os.listdir(self.dir + '/run') if os.path.isdir(self.dir + '/run') else []
        shutil.rmtree(self.dir)
        return status, log, [x for x in left if 'sock' in x]
