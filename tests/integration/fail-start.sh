# A start that must fail says why, in the words of whoever knows; the guest is off, and starts when the cause is gone.
# time limit: 700
. "$(dirname "$0")/lib/lib.sh"
sim_options=files=check
if [ "$HV" = sim ]; then
    images=$TMP/images
    mkdir -p "$images"
    touch "$images"/{vmlinux,vmlinuz,initrd,blank.img}
fi
start_daemon
watch_events

# no such disk
uuid=5d4c9f2e-0b7e-4c39-8a53-1f2d3c4b5a69
define pv-kernel xv-nodisk
sed -i 's/blank\.img/no-such.img/' "$TMP/xv-nodisk.xml"
ok v define "$TMP/xv-nodisk.xml"
refused 'no-such\.img' v start xv-nodisk
case $(state_of xv-nodisk) in "shut off (failed)" | "shut off (unknown)") ;; *) die "state: $(state_of xv-nodisk)" ;; esac
sed -i 's/no-such\.img/blank.img/' "$TMP/xv-nodisk.xml"
ok v define "$TMP/xv-nodisk.xml"
ok v start xv-nodisk
ok v destroy xv-nodisk

# a kernel that is none
uuid=6d4c9f2e-0b7e-4c39-8a53-1f2d3c4b5a69
define pv-kernel xv-badkernel
sed -i "s,<kernel>.*</kernel>,<kernel>$images/no-such-kernel</kernel>," "$TMP/xv-badkernel.xml"
ok v define "$TMP/xv-badkernel.xml"
refused 'no-such-kernel' v start xv-badkernel

# no such bridge
uuid=
bridge=nosuchbr0 define pv-kernel xv-nobridge
refused 'nosuchbr|bridge|hotplug|vif' v start xv-nobridge
is 'running guests' '' "$(v list --name | grep xv-)"

# a transient guest that cannot start is not there at all
sed 's/xv-badkernel/xv-never/; s/<uuid>.*<.uuid>//' "$TMP/xv-badkernel.xml" >"$TMP/never.xml"
refused 'no-such-kernel' v create "$TMP/never.xml"
refused 'failed to get domain' v dominfo xv-never
stop_daemon
