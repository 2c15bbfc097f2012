#!/bin/bash
# host.sh XVIRT: the host's CPUs and memory, the shell's own commands, options of every command, events. Run by with-libvirtd.sh.
. "$(dirname "$0")/lib.sh"
echo '<cpu><model>qemu64</model></cpu>' >"$dir/cpu.xml"
echo '<network/>' >"$dir/net.xml"
same nodecpumap
same nodecpumap --pretty
same nodecpustats
same nodecpustats --cpu 1
refused nodememstats
refused nodesuspend mem 10
same nodesuspend frob 10
same freecell
same freecell 0
same freecell --all
same freecell 0 --all
same freepages 0 4
same freepages
same freepages 0
refused allocpages 4 10
same allocpages 4 10 --all --cellno 0
same sysinfo
same cpu-models x86_64
refused cpu-models frob
same cpu-baseline net.xml
same cpu-compare net.xml
refused cpu-baseline cpu.xml
refused cpu-compare cpu.xml
refused hypervisor-cpu-compare cpu.xml
refused hypervisor-cpu-baseline cpu.xml
refused domcapabilities
same maxvcpus
same maxvcpus --type test
same pwd
same cd /
same echo a b
same echo --shell "a b" c "it's" ''
same echo --xml "<a&'"
expect "'&lt;a&amp;&apos;' x" echo --xml --shell "<a&'" x
same connect "$uri"
same net-event --list
same net-event --event lifecycle --timeout 1
same pool-event --list
same pool-event --event refresh --timeout 1
same nodedev-event --list
same secret-event --list
same net-event
same event --event frob
expect '"max_vcpus": 32' maxvcpus --format json
expect '"map": "0,2,4"' nodecpumap --format json
expect '"free_kib": 2048' freecell --all --format json
expect 'usage:' nodecpustats --percent

# completion knows guests and things by name, events, options, commands
expect test complete -- dominfo ''
expect default complete -- net-info d
expect default-pool complete -- pool-info ''
expect eth1 complete -- iface-dumpxml ''
expect lifecycle complete -- event --event ''
expect --remove-all-storage complete -- undefine test --r
expect vcpupin complete -- vcpu

# the options of every command that both have, but for what is ours alone
synopses() # PROGRAM
{
    "$1" -q "$helps" 2>/dev/null </dev/null | sed -n '/SYNOPSIS/{n;p}' | sed 's/^ *//; s/ \[--report\] \[--strict\]//; s/^\(autostart .*\) \[--once\]/\1/; s/ *$//' | sort
}
both=$(comm -12 <(virsh -q help | awk '/^    [a-z]/ {print $1}' | sort) <("$xvirt" -q help | awk '/^    [a-z]/ {print $1}' | sort))
helps=
for name in $both; do
    case $name in
    create | destroy | domstats | echo | start) ;; # descriptors, QEMU's logs, arguments without a name
    *) helps="$helps help $name;" ;;
    esac
done
if diff <(synopses virsh) <(synopses "$xvirt") && [ "$(synopses virsh | wc -l)" -gt 190 ]; then
    echo "ok options of $(synopses virsh | wc -l) commands"
else
    echo "not ok options"
    bad=1
fi
exit $bad
