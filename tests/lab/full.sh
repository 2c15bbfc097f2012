#!/bin/bash
# Runs in the lab's dom0: xvirtd on this Xen, driven by Debian's virsh.
# run.sh --stage DESTDIR -- tests/lab/full.sh [PART...]; parts: see the case below.
set -uo pipefail
. "$(dirname "$0")/guest.sh"
work=$(mktemp -d) bad=0
uri="xen+unix:///system?socket=$work/run/libvirt-sock"
export LIBVIRT_DEFAULT_URI=$uri
ulimit -c unlimited
echo "$OUT/core.%e" > /proc/sys/kernel/core_pattern

miss()
{
    bad=$((bad + 1))
    echo "*** $*"
}

v()
{
    local start=$EPOCHREALTIME status=0
    virsh -q "$@" || status=$?
    printf '    [%s s, status %s] virsh %s\n' "$(seconds_since "$start")" $status "$*"
    return $status
}

daemon_up()
{
    xvirtd --hypervisor libxl --run-dir "$work/run" --state-dir "$work/state" --config-dir "$work/config" --verbose \
        2>> "$OUT/xvirtd.log" &
    daemon=$!
    until_or 20 virsh -q uri > /dev/null 2>&1 || miss "xvirtd does not answer"
}

events_up()
{
    (exec virsh event --all --loop --timestamp >> "$OUT/events.log" 2>&1) &
    watcher=$!
}

is_state()
{
    [ "$(virsh domstate "$1" 2> /dev/null | head -n 1)" = "$2" ]
}

want_state()
{
    until_or "$3" is_state "$1" "$2" || miss "$1 is '$(virsh domstate "$1" 2>&1)', not '$2'"
}

# pv NAME WORDS: a small PV guest with words on its kernel's command line
pv()
{
    cat > "$work/$1.xml" << EOT
<domain type='xen'><name>$1</name><memory unit='MiB'>${3:-128}</memory><vcpu>1</vcpu>
<os><type>linux</type><kernel>$GUESTS/vmlinux</kernel><initrd>$GUESTS/initrd</initrd><cmdline>console=hvc0 quiet $2</cmdline></os>
<on_poweroff>destroy</on_poweroff><on_reboot>${4:-restart}</on_reboot><on_crash>${5:-destroy}</on_crash>
<devices>${6:-}<console type='pty'/></devices></domain>
EOT
}

# life NAME MARKER SECONDS STOP: the whole life of a guest of examples/
life()
{
    echo "--- $1"
    v define "examples/$1.xml" || miss "define $1"
    v start "$1" || { miss "start $1" && return; }
    v dumpxml "$1" > "$OUT/$1.xml" || miss "dumpxml $1"
    guest_wait "$1" "$2" "$3" || miss "$1 did not come up"
    v suspend "$1" && want_state "$1" paused 5
    v resume "$1" && want_state "$1" running 5
    v domstats "$1" > "$OUT/$1.stats" || miss "domstats $1"
    if [ "$4" = shutdown ]; then
        v shutdown "$1" || miss "shutdown $1"
        want_state "$1" "shut off" 40
        v start "$1" || miss "second start of $1"
    fi
    v destroy "$1" || miss "destroy $1"
    v undefine "$1" || miss "undefine $1"
}

part()
{
    case $1 in
    host)
        v version && v nodeinfo && v hostname && v capabilities > "$OUT/capabilities.xml" && v freecell && v list --all || miss host
        ;;
    pv) life pv-kernel 'XVIRT-GUEST-UP' 60 shutdown ;;
    grub) life pv-bootloader 'XVIRT-GUEST-UP' 90 shutdown ;;
    pvh) life pvh-kernel 'XVIRT-GUEST-UP' 150 shutdown ;;
    hvm)
        sed -i "s,<serial type='pty'/>,<serial type='file'><source path='$guest_log/guest-hvm-bios.log'/></serial>," examples/hvm-bios.xml
        life hvm-bios 'XVIRT-GUEST-UP hvm' 60 destroy
        ;;
    self)
        pv off xv.poweroff=3 && pv again xv.reboot=3 && pv dead xv.crash=3 && pv kept xv.crash=3 128 restart preserve
        for g in off again dead kept; do v define "$work/$g.xml" && v start "$g" || miss "start $g"; done
        want_state off "shut off" 60
        want_state dead "shut off" 60
        want_state kept "crashed" 60
        v domstate --reason off; v domstate --reason dead; v domstate --reason kept; v domstate --reason again; v domid again
        until_or 60 test "$(virsh domid again)" -gt 6 || true
        v list --all
        for g in off again dead kept; do virsh -q destroy "$g" 2> /dev/null; v undefine "$g" || miss "undefine $g"; done
        ;;
    fail)
        pv nokernel "" && sed -i "s,$GUESTS/vmlinux,/etc/passwd," "$work/nokernel.xml"
        pv nobridge "" 128 restart destroy "<interface type='bridge'><source bridge='nobr7'/></interface>"
        pv nodisk "" 128 restart destroy "<disk type='file'><source file='/no/such.img'/><target dev='xvda'/></disk>"
        pv huge "" 90000
        for g in nokernel nobridge nodisk huge; do v create "$work/$g.xml" && miss "$g started"; done
        v list --all
        ;;
    xl)
        printf 'name = "foreign"\nkernel = "%s"\nramdisk = "%s"\nextra = "console=hvc0 quiet"\nmemory = 128\nvcpus = 1\nvif = ["bridge=xenbr0"]\n' \
            "$GUESTS/vmlinux" "$GUESTS/initrd" > "$work/foreign.cfg"
        xl create -q "$work/foreign.cfg"
        until_or 10 is_state foreign running || miss "foreign is not seen"
        v list; v dumpxml foreign > "$OUT/foreign.xml" || miss "dumpxml foreign"
        v suspend foreign && v resume foreign || miss "foreign is not managed"
        xl destroy foreign
        until_or 5 test "$(virsh list --all --name | grep -c foreign)" = 0 || miss "foreign is a ghost"
        xl create -q "$work/foreign.cfg"
        until_or 10 is_state foreign running && v destroy foreign || miss "destroy foreign"
        pv ours "" && v create "$work/ours.xml" && xl destroy ours
        sleep 2
        virsh list --all --name | grep ours && miss "ours is a ghost"
        ;;
    save)
        pv saved "" && v define "$work/saved.xml" && v start saved && guest_wait saved 'XVIRT-GUEST-UP' 60
        v save saved "$work/saved.image" || miss save
        v list --all
        v restore "$work/saved.image" || miss restore
        want_state saved running 10
        v managedsave saved || miss managedsave
        v start saved || miss "start from the managed save"
        want_state saved running 10
        v destroy saved && v undefine saved || miss "undefine saved"
        ;;
    kill)
        pv one "" && pv two "" && pv three ""
        v define "$work/one.xml" && v start one && v create "$work/two.xml" && v suspend two
        v define "$work/three.xml"
        virsh -q start three > /dev/null 2>&1 &
        sleep 1.2
        kill -9 $daemon
        wait $daemon 2> /dev/null
        xl list
        daemon_up
        events_up
        sleep 3
        v list --all
        want_state one running 5
        want_state two paused 5
        v resume two || miss "resume two"
        v dumpxml two > "$OUT/two.xml" || miss "dumpxml two"
        v ttyconsole one || miss "console of one"
        v start three || v domstate three
        xl list
        for g in one two three; do v destroy $g; done
        v undefine one && v undefine three
        v list --all
        xl list
        ;;
    stubborn)
        for i in $(seq "${STUBBORN:-6}"); do pv "s$i" xv.stubborn 100; virsh -q create "$work/s$i.xml" & done
        wait $(jobs -p | grep -vxE "$daemon|$watcher")
        v list
        guest_wait s1 'XVIRT-GUEST-UP' 120
        sleep 20
        for i in $(seq "${STUBBORN:-6}"); do virsh -q shutdown "s$i" & done
        sleep 1
        v list; v domstats > /dev/null; pv quick "" 100; v create "$work/quick.xml" || miss "start beside stubborn guests"
        v list
        for i in $(seq "${STUBBORN:-6}"); do v destroy "s$i"; done
        v destroy quick
        ;;
    esac
}

daemon_up
events_up
for p in "$@"; do part "$p"; done
grep -E "^VmRSS|^VmHWM" /proc/$daemon/status
kill $watcher 2> /dev/null
kill $daemon
wait $daemon
echo "xvirtd ended with $?"
cat "$OUT/events.log"
cp /var/log/xen/*.log "$OUT" 2> /dev/null
for d in $(xl list | awk 'NR > 2 { print $1 }'); do miss "left behind: $d" && xl destroy "$d"; done
echo "full: $bad misses"
exit $((bad > 0))
