# The examples of libvirt's page on its Xen driver (XVIRT_PAGE, or the copy beside the repository), word for word.
. "$(dirname "$0")/lib/lib.sh"
only sim # its files and bridges are those of other hosts
page=${XVIRT_PAGE:-$here/../../../../shared/reference/drvxen.txt}
[ -f "$page" ] || page=$here/../../../../../shared/reference/drvxen.txt
[ -f "$page" ] || skip "the page is not here (XVIRT_PAGE)"
start_daemon
made+=(fc8 fv0)
cd "$TMP"
# its <pre> blocks: part.0 and so on
awk 'BEGIN {RS = "<pre>"} NR > 1 {sub(/<\/pre>.*/, ""); print >"part." NR - 2}' "$page"
sed -i 's/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' part.*
is "the page's examples" 7 "$(find . -name 'part.*' | wc -l)"

for uri in 'xen:///system' 'xen+unix:///system' 'xen://example.com/system' 'xen+tcp://example.com/system' \
    'xen+ssh://root@example.com/system'; do
    grep -q "^$uri " part.0 || die "the page does not name $uri"
done

has() # FILE LINE...: each line stands in it, however deep
{
    local file=$1 line
    shift
    for line; do
        sed 's/^ *//' "$file" | grep -qxF -- "$line" || die "$file has no line '$line': $(cat "$file")"
    done
}

# Both ways between xm and XML: what the one example shows is said by what comes of the other, in today's words where
# libvirt's own expected files have others (aio is raw).
grep -v '^\$' part.1 >rhel5.xml
grep -v '^\$' part.2 >rhel5.cfg
ok v domxml-from-native xen-xm rhel5.cfg
has out '<name>rhel5pv</name>' '<uuid>8f07fe28-753f-2729-d76d-bdbd892f949a</uuid>' "<memory unit='KiB'>2560000</memory>" \
    "<currentMemory unit='KiB'>307200</currentMemory>" "<vcpu placement='static'>4</vcpu>" '<bootloader>/usr/bin/pygrub</bootloader>' \
    "<type arch='x86_64' machine='xenpv'>linux</type>" '<on_crash>restart</on_crash>' "<driver name='tap' type='raw'/>" \
    "<driver name='tap' type='qcow'/>" "<source file='/root/qcow1-xen.img'/>" "<target dev='xvdd' bus='xen'/>" \
    "<mac address='00:16:3e:60:36:ba'/>" "<input type='mouse' bus='xen'/>"
for c in v quick; do
    ok $c domxml-to-native xen-xm rhel5.xml
    for line in 'name = "rhel5pv"' 'uuid = "8f07fe28-753f-2729-d76d-bdbd892f949a"' 'maxmem = 2500' 'memory = 300' 'vcpus = 4' \
        'bootloader = "/usr/bin/pygrub"' 'on_poweroff = "destroy"' 'on_reboot = "restart"' 'on_crash = "restart"' \
        'disk = [ "tap:aio:/var/lib/xen/images/rhel5pv.img,xvda,w", "tap:qcow:/root/qcow1-xen.img,xvdd,w" ]'; do
        has out "$line"
        has part.2 "$line"
    done
done

# Each guest of the page lives, and can be said in every format that its Xen has.
for i in 3 4 5 6; do
    name=$(sed -n 's:.*<name>\(.*\)</name>.*:\1:p' part.$i)
    ok v define part.$i
    ok v start "$name"
    ok v dumpxml "$name"
    cp out "live.$i"
    ok v destroy "$name"
    ok quick undefine "$name"
    for format in xen-xl xen-xm xen-sxpr xen-json; do
        ok quick domxml-to-native $format part.$i
        cp out "made.$format"
        ok quick domxml-from-native $format "made.$format"
        has out "<name>$name</name>"
    done
done
has live.3 '<bootloader>/usr/bin/pygrub</bootloader>' "<script path='/etc/xen/scripts/vif-bridge'/>"
has live.4 '<kernel>/var/lib/xen/install/vmlinuz-fedora8-x86_64</kernel>' '<cmdline> kickstart=http://example.com/myguest.ks </cmdline>'
has live.5 "<disk type='file' device='floppy'>" "<source file='/root/fd.img'/>" "<graphics type='vnc' port='5904' autoport='no'>"
has live.6 '<kernel>/var/lib/xen/install/vmlinuz-fedora8-x86_64</kernel>'
stop_daemon
