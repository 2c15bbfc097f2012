# A guest's display as a descriptor, for clients that cannot reach its port: the other end is the device model's.
# not by default on an emulated Xen: make lab has 15 minutes (tests/lab/integration.sh graphics)
. "$(dirname "$0")/lib/lib.sh"
if [ "$HV" = xen ]; then # a real display; dom0 has no libvirt of python's, but C's
    start_daemon
    define hvm-bios xv-screen
    ok v start xv-screen
    cat >"$TMP/screen.py" <<'PY'
import ctypes, os, sys
lib = ctypes.CDLL('libvirt.so.0')
p = ctypes.c_void_p
lib.virConnectOpen.restype = lib.virDomainLookupByName.restype = p
lib.virDomainLookupByName.argtypes = [p, ctypes.c_char_p]
lib.virDomainOpenGraphicsFD.argtypes = [p, ctypes.c_uint, ctypes.c_uint]
d = lib.virDomainLookupByName(lib.virConnectOpen(sys.argv[1].encode()), b'xv-screen')
for flags in 0, 1:  # VIR_DOMAIN_OPEN_GRAPHICS_SKIPAUTH
    with os.fdopen(lib.virDomainOpenGraphicsFD(d, 0, flags), 'r+b', buffering=0) as f:
        assert f.read(12) == b'RFB 003.008\n'
        f.write(b'RFB 003.008\n')
        assert f.read(1)[0] >= 1, 'no way to log in'
assert lib.virDomainOpenGraphicsFD(d, 1, 0) == -1
PY
    ok python3 "$TMP/screen.py" "xen:///system?socket=$run/libvirt-sock"
    grep -q 'no display 1' "$TMP/err" || die "of a display that is not there: $(cat "$TMP/err")"
    ok v destroy xv-screen
    stop_daemon
    exit 0
fi
/usr/bin/python3 -c 'import libvirt' 2>/dev/null || skip 'no python3-libvirt'
uri="xen:///system?socket=$run/libvirt-sock"
start_daemon
cat >"$TMP/screen.py" <<'PY'
"""screen.py URI: a display that says hello and what it hears, and what the daemon answers about it."""
import os, socket, sys, threading
import libvirt
libvirt.registerErrorHandler(lambda *a: None, None)
s = socket.create_server(('127.0.0.1', 0))
port = s.getsockname()[1]


def serve():
    while True:
        c, _ = s.accept()
        c.sendall(b'RFB 003.008\n')
        c.sendall(b'heard ' + c.recv(64))
        c.close()


threading.Thread(target=serve, daemon=True).start()
c = libvirt.open(sys.argv[1])
xml = open(sys.argv[2]).read().replace("port='-1' autoport='yes'", f"port='{port}' autoport='no' listen='0.0.0.0'")
d = c.defineXML(xml)


def refused(words, call, *args):
    try:
        call(*args)
    except libvirt.libvirtError as e:
        assert words in str(e), e
    else:
        raise SystemExit(f'not refused: {words}')


def hear(fd):
    with os.fdopen(fd, 'r+b', buffering=0) as f:
        f.write(b'me')
        got = b''
        while True:
            more = f.read(64)
            if not more:
                return got
            got += more


refused('not running', d.openGraphicsFD, 0, 0)
d.create()
before = len(os.listdir(f'/proc/{sys.argv[3]}/fd'))
for flags in 0, libvirt.VIR_DOMAIN_OPEN_GRAPHICS_SKIPAUTH:
    assert hear(d.openGraphicsFD(0, flags)) == b'RFB 003.008\nheard me'
assert d.isActive()  # the connection goes on after it
refused('no display 1', d.openGraphicsFD, 1, 0)
ro = libvirt.openReadOnly(sys.argv[1].replace('libvirt-sock', 'libvirt-sock-ro'))
refused('read only', ro.lookupByName(d.name()).openGraphicsFD, 0, 0)
fds = [d.openGraphicsFD(0, 0) for _ in range(20)]
assert all(hear(fd) == b'RFB 003.008\nheard me' for fd in fds)
assert len(os.listdir(f'/proc/{sys.argv[3]}/fd')) <= before + 1, 'the daemon keeps descriptors'
s.close()
d.destroy()
d.undefine()
xml = open(sys.argv[2]).read().replace("port='-1' autoport='yes'", "port='1' autoport='no'")
d = c.createXML(xml)
refused('cannot connect to the display', d.openGraphicsFD, 0, 0)
d.destroy()
PY
guest_xml pv-kernel xv-screen xv.tick=0 >"$TMP/screen.xml"
ok /usr/bin/python3 "$TMP/screen.py" "$uri" "$TMP/screen.xml" "$daemon"
stop_daemon
