# Terminals beyond the first console: a channel's and a second serial port's. Where a guest says that they are is not believed.
# not by default on an emulated Xen: it takes long there (tests/lab/integration.sh terminals)
. "$(dirname "$0")/lib/lib.sh"

[ "$HV" = xen ] && stays=10 || stays=2
# opens NAME TERMINAL: it opens, and stays so until the client leaves
opens()
{
    ! python3 "$here/console.py" "$stays" 'Escape character' hello NEVER -- "$VIRSH" -c "xen:///system?socket=$run/libvirt-sock" \
        console "$1" --devname "$2" >"$TMP/seen" 2>&1
    grep -q "no 'NEVER' within" "$TMP/seen" || die "$2 of $1 does not open: $(cat "$TMP/seen")"
}

# closed NAME TERMINAL TEXT: it is refused, with TEXT
closed()
{
    ! python3 "$here/console.py" 30 "$3" -- "$VIRSH" -c "xen:///system?socket=$run/libvirt-sock" console "$1" --devname "$2" \
        >"$TMP/seen" 2>&1
    grep -qE "$3" "$TMP/seen" || die "$2 of $1 is not refused with '$3': $(cat "$TMP/seen")"
}

terminal_of() # NAME ELEMENT: the last one's path in the XML
{
    v dumpxml "$1" | grep -A 1 "<$2 " | grep -oE '/dev/pts/[0-9]+' | tail -n 1 | grep .
}

start_daemon
guest_xml tiny xv-chan |
    sed "s|</devices>|<channel type='pty'><target type='xen' name='org.example.test'/></channel>&|" >"$TMP/chan.xml"
made+=(xv-chan)
ok v create "$TMP/chan.xml"
if [ "$HV" = xen ]; then
    until_ok 60 terminal_of xv-chan channel >"$TMP/own" || die "no terminal of the channel: $(v dumpxml xv-chan)"
fi
opens xv-chan channel0
closed xv-chan channel1 "no console 'channel1'"
if [ "$HV" = xen ]; then # the node is the guest's own to write
    node=/local/domain/$(domid_of xv-chan)/device/console/1/tty
    is 'the node' "$(cat "$TMP/own")" "$(xenstore-read "$node")"
    python3 -c 'import os, pty, time
print(os.ttyname(pty.openpty()[1]), flush=True)
time.sleep(600)' >"$TMP/other" &
    other=$!
    until_ok 30 test -s "$TMP/other"
    for path in "$(cat "$TMP/other")" /dev/pts/ptmx /dev/hvc0 "$(cat "$TMP/own")/../0"; do
        xenstore-write "$node" "$path"
        closed xv-chan channel0 'no channel .* that is open'
        ! v dumpxml xv-chan | grep -qF "'$path'" || die "the XML says what the guest does, '$path'"
    done
    xenstore-write "$node" "$(cat "$TMP/own")"
    opens xv-chan channel0
    kill $other
fi
ok v destroy xv-chan

[ "$HV" = xen ] || { stop_daemon && exit 0; } # a simulated guest has one serial port
guest_xml hvm-bios xv-two | sed "s|<serial type='pty'/>|<serial type='pty'><target port='0'/></serial><serial type='pty'><target port='1'/></serial>|" \
    >"$TMP/two.xml"
made+=(xv-two)
ok v create "$TMP/two.xml"
see=240 console_see xv-two "$up"
[ "$(terminal_of xv-two serial)" != "$(terminal_of xv-two console)" ] || die "both ports are one terminal: $(v dumpxml xv-two)"
opens xv-two serial1
closed xv-two serial2 "no console 'serial2'"
ok v destroy xv-two
stop_daemon
