# Conversions through the daemon, by virsh and by file or guest, are those that xvirt makes alone; and what --validate refuses.
. "$(dirname "$0")/lib/lib.sh"
only sim
start_daemon
xl=$TMP/xl.cfg xm=$TMP/xm.cfg sxpr=$TMP/g.sxp json=$TMP/g.json xml=$TMP/g.xml
cat >"$xl" <<EOF
name = "conv"
uuid = "8f07fe28-753f-2729-d76d-bdbd892f949a"
type = "hvm"
memory = 512
vcpus = 2
disk = [ "/img/a.qcow2,qcow2,hda,rw", "/img/cd.iso,raw,hdc,cdrom" ]
vif = [ "mac=00:16:3e:60:36:ba,bridge=xenbr0,model=e1000,rate=10MB/s" ]
vnc = 1
vnclisten = "0.0.0.0"
serial = "pty"
timer_mode = "no_missed_ticks_pending"
EOF
cat >"$xm" <<EOF
name = "conv"
uuid = "8f07fe28-753f-2729-d76d-bdbd892f949a"
memory = 256
maxmem = 2 * 256
kernel = "/boot/vmlinuz"
root = "/dev/xvda ro"
disk = [ "phy:/dev/vg/a,xvda,w" ]
vif = [ "mac=00:16:3e:60:36:ba,bridge=xenbr0" ]
vfb = [ "type=vnc,vncunused=1" ]
EOF
echo "(domain (name conv)(uuid 8f07fe28-753f-2729-d76d-bdbd892f949a)(memory 64)(maxmem 64)(vcpus 1)(image (linux (kernel /boot/vmlinuz)(args 'a b')))(device (vif (mac 00:16:3e:60:36:ba)(bridge xenbr0))))" >"$sxpr"
ok "$XVIRT" domxml-from-native xen-xl "$xl"
cp "$TMP/out" "$xml"
ok "$XVIRT" domxml-to-native xen-json "$xml"
cp "$TMP/out" "$json"

same() # WHAT: $TMP/alone and $TMP/out
{
    cmp -s "$TMP/alone" <(sed '${/^$/d}' "$TMP/out") || cmp -s "$TMP/alone" "$TMP/out" ||
        die "$1 differs: $(diff "$TMP/alone" "$TMP/out")"
}

for pair in "xen-xl $xl" "xen-xm $xm" "xen-sxpr $sxpr" "xen-json $json"; do
    # shellcheck disable=SC2086
    set -- $pair
    ok "$XVIRT" domxml-from-native "$1" "$2"
    cp "$TMP/out" "$TMP/alone"
    ok v domxml-from-native "$1" "$2"
    same "$1 to XML"
    cp "$TMP/alone" "$TMP/back.xml"
    for format in xen-xl xen-xm xen-sxpr xen-json; do
        "$XVIRT" domxml-to-native "$format" "$TMP/back.xml" >"$TMP/alone" 2>"$TMP/err" || continue
        ok v domxml-to-native "$format" --xml "$TMP/back.xml"
        same "$1 to XML to $format"
    done
done
ok v define "$xml"
for format in xen-xl xen-xm xen-sxpr xen-json; do
    ok v dumpxml conv --inactive
    cp "$TMP/out" "$TMP/dump.xml"
    ok "$XVIRT" domxml-to-native "$format" "$TMP/dump.xml"
    cp "$TMP/out" "$TMP/alone"
    ok v domxml-to-native "$format" --domain conv
    same "a guest to $format"
    ok "$XVIRT" -c "xen+unix:///system?socket=$run/libvirt-sock" domxml-to-native "$format" --domain conv
    same "a guest to $format by xvirt"
done
refused 'unsupported config type' v domxml-from-native qemu-argv "$xl"
refused '1:8' v domxml-from-native xen-xl <(echo 'name = x')

sed 's/<vcpu /<vpcu>2<\/vpcu><vcpu /; s/<devices>/<devices colour="red">/' "$xml" >"$TMP/odd.xml"
ok v define "$TMP/odd.xml"
refused 'vpcu: unknown' v define --validate "$TMP/odd.xml"
refused 'devices@colour: unknown' v define --validate "$TMP/odd.xml"
refused 'vpcu: unknown' v create --validate "$TMP/odd.xml"
ok v define --validate "$xml"
stop_daemon
