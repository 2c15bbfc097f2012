# What the client starts (the editor, ssh, a private daemon) gets none of its descriptors.
. "$(dirname "$0")/lib/lib.sh"
only sim # children are the same everywhere
start_daemon
define pv-kernel xv-edit
cat >"$TMP/list" <<'LIST'
#!/usr/bin/env python3
# which descriptors it was started with: "3 socket:[123]"
import os
with_targets = []
for fd in sorted(map(int, os.listdir('/proc/self/fd'))):
    try:
        with_targets.append(f'{fd} ' + os.readlink(f'/proc/self/fd/{fd}'))
    except OSError:
        pass  # that of the listing itself
open(os.environ['FDS'], 'w').write('\n'.join(with_targets) + '\n')
LIST
chmod +x "$TMP/list"
export EDITOR=$TMP/list
unset VISUAL
# beyond the first three: what this script itself hands on
FDS=$TMP/base ok "$TMP/list"
rest() # FILE
{
    grep -vE '^[012] ' "$1"
}
has_no_more() # WHO FILE
{
    [ -s "$2" ] || die "$1 was not started"
    is "descriptors of $1" "$(rest "$TMP/base")" "$(rest "$2")"
}

FDS=$TMP/editor ok "$XVIRT" -c "xen:///system?socket=$run/libvirt-sock" edit xv-edit
has_no_more editor "$TMP/editor"
! grep -qE '^[012] (socket:|anon_inode:)' "$TMP/editor" || die "the editor has: $(cat "$TMP/editor")"
# ssh: our end of the socket is its stdin and stdout, its stderr a pipe
FDS=$TMP/ssh refused '.' "$XVIRT" -c "xen+ssh://root@127.0.0.1/system?command=$TMP/list" list
has_no_more ssh "$TMP/ssh"
is 'sockets of ssh' 2 "$(grep -cE '^[01] socket:' "$TMP/ssh")"
grep -q '^2 pipe:' "$TMP/ssh" || die "ssh has: $(cat "$TMP/ssh")"
# a private daemon: the socket is its fourth
if [ "$(id -u)" = 0 ] && [ ! -S /run/xvirt/libvirt-sock ] && [ ! -S /run/libvirt/libvirt-sock ] && [ ! -S /run/libvirt/virtxend-sock ]; then
    FDS=$TMP/private XVIRTD=$TMP/list refused '.' "$XVIRT" -c xen:///system list
    is "descriptors of the daemon" "$(rest "$TMP/base" | grep -v '^3 ')" "$(rest "$TMP/private" | grep -v '^3 ')"
    grep -q '^3 socket:' "$TMP/private" || die "the daemon has: $(cat "$TMP/private")"
fi
ok v undefine xv-edit
stop_daemon
