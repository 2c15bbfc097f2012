# What README.md promises for the first five minutes, taken from its own text.
. "$(dirname "$0")/lib/lib.sh"
only sim # its disk and bridge are those of a host of one's own
start_daemon
made+=(web)
readme=$here/../../../README.md
cd "$TMP"
export XVIRT_DEFAULT_URI="xen:///system?socket=$run/libvirt-sock"
PATH=$(dirname "$XVIRT"):$PATH
# the block of commands: lines "    $ command", each followed by what it prints
sed -n '/^    \$ cat web.cfg/,/^From another/p' "$readme" | sed -n 's/^    //p' >steps
awk '/^\$ / {on = $0 == "$ cat web.cfg"; next} on' steps >web.cfg
[ "$(grep -c = web.cfg)" = 6 ] || die "web.cfg of the README: $(cat web.cfg)"
step() # COMMAND: runs it, and compares what it prints with the README
{
    grep -qxF "\$ $1" steps || die "the README does not say '$1'"
    awk -v c="\$ $1" '$0 == c {on = 1; next} /^\$ / {on = 0} on' steps >want
    ok bash -c "$1"
    sed -i '$ {/^$/d}' out
    diff want out >&2 || die "'$1' prints something else"
}
step 'xvirt domxml-from-native xen-xl web.cfg > web.xml'
step 'xvirt define web.xml'
grep -qxF '$ xvirt start web --console' steps || die "the README starts it otherwise"
ok xvirt start web
step 'xvirt list --all'
ok xvirt destroy web
ok xvirt undefine web
stop_daemon
