#!/bin/bash
# libvirtd.sh XVIRT: xvirt against Debian's libvirtd with its test driver, side by side with virsh: the same words must bring
# the same text. Run by with-libvirtd.sh.
. "$(dirname "$0")/lib.sh"

cat >"$dir/web.xml" <<EOF
<domain type='test'><name>web</name><uuid>11111111-2222-3333-4444-555555555555</uuid><title>a web server</title>
<memory>65536</memory><vcpu>2</vcpu><os><type>hvm</type></os></domain>
EOF
same list
same list --all
same "define $dir/web.xml; list --all; list --all --title; list --inactive; list --all --name; list --all --uuid --name"
same "define $dir/web.xml; list --all --autostart; list --state-running; list --state-shutoff; list --all --managed-save"
same -q list --all
same "-q" "define $dir/web.xml; start web; domid web; list"
same list foo
same frobnicate
same "define $dir/web.xml; dominfo web; domid web; domuuid web; domname 11111111-2222-3333-4444-555555555555; dumpxml web"
same dominfo test
same dominfo nosuch
same domstate test
same domstate test --reason
same domstate
same domid test
same domname 1
same dumpxml test
same dumpxml test --inactive
same domstats test
same domstats --state --list-active
same "define $dir/web.xml; domstats"
same nodeinfo
same hostname
same uri
same capabilities
same event --list
same "suspend test; domstate test --reason; resume test; domstate test --reason"
same resume test
same "define $dir/web.xml; start web; domstate web; list; destroy web; domstate web --reason; undefine web; start web"
same "define $dir/web.xml; autostart web; dominfo web; autostart web --disable; dominfo web"
same "create $dir/web.xml; list; shutdown web; list --all"
err=1 same define "$dir/nosuch.xml"
same reboot test
err=1 same shutdown test --mode frob
same "save test $dir/saved; list --all; restore $dir/saved; list"
same event --event lifecycle --timeout 1
expect '"name": "test"' --format json list
expect '"state": "running"' --format json dominfo test
expect '"state.state": 1' domstats --format json
expect 'Running hypervisor: TEST' version
exit $bad
