#!/bin/bash
# others.sh XVIRT: networks, storage, interfaces, node devices, filters, secrets. Run by with-libvirtd.sh.
. "$(dirname "$0")/lib.sh"

cat >"$dir/net.xml" <<E
<network><name>n2</name><uuid>fe5b0deb-e5ba-409a-a93a-1ed22e99e280</uuid><bridge name='virbr9'/><ip address='192.168.99.1' netmask='255.255.255.0'/></network>
E
cat >"$dir/pool.xml" <<E
<pool type='dir'><name>p2</name><uuid>7c275357-8da6-438c-8546-39cfdafb8a22</uuid><target><path>/tmp/p2</path></target></pool>
E
cat >"$dir/vol.xml" <<E
<volume><name>v1</name><capacity unit='G'>1</capacity><allocation unit='M'>10</allocation><target><format type='qcow2'/></target></volume>
E
cat >"$dir/if.xml" <<E
<interface type='ethernet' name='eth9'><start mode='none'/><mac address='aa:bb:cc:dd:ee:09'/></interface>
E
same net-list
same net-list --all
same "net-define net.xml; net-list --all; net-list --inactive --name; net-list --all --uuid; net-start n2; net-info n2; net-destroy n2; net-undefine n2"
same "net-define net.xml; net-autostart n2; net-info n2; net-list --all --autostart; net-autostart n2 --disable; net-uuid n2; net-name fe5b0deb-e5ba-409a-a93a-1ed22e99e280; net-dumpxml n2"
same "net-define net.xml; net-start n2; net-destroy n2; net-edit n2; net-undefine n2; net-list --all"
same net-create net.xml
same net-info nosuch
same net-start default
refused net-dhcp-leases default
refused net-define if.xml
same net-update default add ip-dhcp-host '<host mac="00:11:22:33:44:55" ip="192.168.122.3"/>'
same net-update default frob ip-dhcp-host '<host/>'
same net-dumpxml default --xpath //ip
same pool-list
same pool-list --all --details
same "pool-define pool.xml; pool-list --all; pool-list --inactive --name; pool-build p2; pool-start p2; pool-info p2; pool-info p2 --bytes; pool-list --details; pool-list --name --uuid"
same "pool-define pool.xml; pool-start p2; pool-autostart p2; pool-autostart p2 --disable; pool-refresh p2; pool-uuid p2; pool-name 7c275357-8da6-438c-8546-39cfdafb8a22; pool-dumpxml p2; pool-edit p2"
same "pool-create pool.xml; vol-list p2; vol-create p2 vol.xml; vol-list p2; vol-list p2 --details; vol-info v1 p2; vol-info v1 p2 --bytes; vol-dumpxml v1 p2"
same "pool-create pool.xml; vol-create p2 vol.xml; vol-path v1 p2; vol-key v1 p2; vol-name /tmp/p2/v1; vol-pool /tmp/p2/v1; vol-pool /tmp/p2/v1 --uuid"
same "pool-create pool.xml; vol-create p2 vol.xml; vol-create-as p2 v2 2G --format raw --allocation 1M; vol-clone v1 v3 p2; vol-delete v1 p2; vol-list p2"
same "pool-define pool.xml; pool-start p2; pool-destroy p2; pool-delete p2; pool-undefine p2; pool-list --all"
same "pool-create-as p3 dir --target /tmp/p3; pool-list"
same "pool-define-as p3 dir --target /tmp/p3; pool-list --all"
same pool-define-as p3 netfs --source-host h --source-path /x --target /tmp/p3 --source-format nfs --print-xml
same pool-define-as p3 logical --source-dev /dev/sda --source-name vg --print-xml
same vol-create-as default-pool v2 2G --format raw --allocation 1M --print-xml
refused vol-create-as default-pool v2 2G --backing-vol b --backing-vol-format qcow2 --print-xml
same vol-resize x 2G default-pool
same vol-wipe x default-pool
same vol-info x default-pool
same vol-info x
same pool-info nosuch
same pool-list --type frob
same pool-list --type dir,fs
same find-storage-pool-sources logical
same find-storage-pool-sources-as netfs localhost
refused pool-capabilities
same iface-list
same iface-list --all
same "iface-define if.xml; iface-list --all; iface-start eth9; iface-mac eth9; iface-name aa:bb:cc:dd:ee:09; iface-dumpxml eth9; iface-destroy eth9; iface-undefine eth9; iface-list --all"
same "iface-begin; iface-commit"
same "iface-begin; iface-rollback"
same iface-mac nosuch
refused nodedev-list
refused nodedev-list --tree
same nodedev-list --cap frob
expect "Autostart:      no autostart" nodedev-info computer
same nodedev-dumpxml computer
refused nodedev-detach computer
refused nodedev-detach computer --driver xen
refused nodedev-reattach computer
refused nodedev-reset computer
same nodedev-info nosuch
expect 'failed to get secret' secret-dumpxml x
refused secret-define net.xml
refused nwfilter-dumpxml x
refused nwfilter-binding-list
expect '"autostart": false' net-list --format json
expect '"capacity": 107374182400' pool-info default-pool --format json
exit $bad
