#!/bin/bash
# tune.sh XVIRT: memory, virtual CPUs, scheduler, limits, disks, interfaces, statistics. Run by with-libvirtd.sh.
. "$(dirname "$0")/lib.sh"

same setmem test 400M
same "setmem test 1000; dominfo test"
refused setmem test 4x
refused setmaxmem test 100
same setmaxmem test 9G --config
same setmem test 100 --current --live
same "setvcpus test 2; vcpucount test"
same "setvcpus test 4 --config --maximum; vcpucount test"
same setvcpus test 0
same vcpucount test --maximum --live
same vcpucount test --active
same vcpucount test --active --maximum
same vcpuinfo test
same vcpuinfo test --pretty
same "destroy test; vcpuinfo test; vcpucount test"
same vcpupin test
same "vcpupin test 0 0-1; vcpupin test; vcpupin test 0"
same "vcpupin test 0 0-7,^3; vcpupin test 0; vcpupin test 1 r; vcpupin test"
refused vcpupin test 7 0
same vcpupin test 0 99
same vcpupin test --cpulist 0
same emulatorpin test
same "emulatorpin test 0-1; emulatorpin test"
refused setvcpu test 1 --enable
same schedinfo test
same schedinfo test --weight 10
same schedinfo test --set weight=5 foo=bar
same numatune test
same numatune test --mode strict --nodeset 0
same numatune test --mode frob
same memtune test
same "memtune test --hard-limit 2G; memtune test"
same blkiotune test
same blkdeviotune test vda
refused node-memory-tune
refused domiftune test 1
same domblklist test
same domblklist test --details
same domblklist test --inactive
refused domblkstat test
same domblkstat test vda
same domblkinfo test
same domblkinfo test vda
same domblkinfo test vda --human
same domblkinfo test --all
same domblkerror test
refused blockresize test vda 1G
refused domblkthreshold test vda 10
same domiflist test
refused domifstat test x
same domifstat test testnet0
same domifaddr test
same domifaddr test --full
same domifaddr test --source frob
same domif-getlink test 1
same domif-getlink test testnet0
same domif-setlink test 1 up
refused domif-setlink test testnet0 up
same domif-setlink test testnet0 sideways
same dommemstat test
same dommemstat test --period 5
same cpu-stats test
same cpu-stats test --total
same cpu-stats test --start 1
expect '"affinity": "0-7"' vcpuinfo test --format json
expect '"maximum_config": 2' vcpucount test --format json
expect '"hard_limit"' memtune test --format json
expect '"source": "/guest/diskimage1"' domblklist test --format json
expect '"address": "192.168.122.3/24"' domifaddr test --format json
expect '"rss": 1048576' dommemstat test --format json
expect '"capacity": 1099506450432' domblkinfo test vda --format json
exit $bad
