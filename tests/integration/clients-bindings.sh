# The bindings of Python, Perl and Ruby as Debian has them.
. "$(dirname "$0")/lib/lib.sh"
only sim
uri="xen:///system?socket=$run/libvirt-sock" ran=0
mkdir "$TMP/leases"
echo "lease_dirs = \"$TMP/leases\"" >"$TMP/conf"
start_daemon --config "$TMP/conf"
define pv-kernel xv-web
ok v start xv-web
if /usr/bin/python3 -c 'import libvirt' 2>/dev/null; then
    ok /usr/bin/python3 "$here/bindings.py" "$uri" xv-web
    ok v destroy xv-web
    ok v undefine xv-web
    ! command -v qemu-img >/dev/null || ok /usr/bin/python3 "$here/provision.py" "$uri" "$TMP/made" "$TMP/leases"
    ok v define "$TMP/xv-web.xml"
    ok v start xv-web
    ran=$((ran + 1))
fi
if perl -MSys::Virt -e 1 2>/dev/null; then
    ok perl "$here/bindings.pl" "$uri" xv-web
    ran=$((ran + 1))
fi
if ruby -rlibvirt -e 1 2>/dev/null; then
    ok ruby "$here/bindings.rb" "$uri" xv-web
    ran=$((ran + 1))
fi
ok v destroy xv-web
ok v undefine xv-web
stop_daemon
[ $ran -gt 0 ] || skip "no bindings are installed"
