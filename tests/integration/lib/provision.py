"""provision.py URI FOLDER LEASES: what tools that provision guests (Terraform's provider, vagrant-libvirt, oVirt's engine) do, call by call:
a pool, a base image, a volume upon it, a guest that is defined, marked, started and waited for, and all of it gone again."""
import json
import os
import sys
import time

import libvirt

uri, folder, leases = sys.argv[1:]
libvirt.registerErrorHandler(lambda *a: None, None)
c = libvirt.open(uri)


def refused(code, call, *args):
    try:
        call(*args)
    except libvirt.libvirtError as e:
        assert e.get_error_code() == code, (e.get_error_code(), code, str(e))
        return str(e)
    raise AssertionError(f'no error {code}')


# it looks whether they are there, makes them where they are not, and looks again
refused(libvirt.VIR_ERR_NO_STORAGE_POOL, c.storagePoolLookupByName, 'made')
pool = c.storagePoolDefineXML(f"<pool type='dir'><name>made</name><target><path>{folder}</path></target></pool>", 0)
pool.build(0)
pool.create(0)
pool.setAutostart(1)
pool.refresh(0)
assert pool.info()[0] == libvirt.VIR_STORAGE_POOL_RUNNING and pool.autostart() and pool.isActive()
assert [p.name() for p in c.listAllStoragePools(libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE)] == ['made']

data = os.urandom(3 << 20)
refused(libvirt.VIR_ERR_NO_STORAGE_VOL, pool.storageVolLookupByName, 'base.img')
base = pool.createXML(f"<volume><name>base.img</name><capacity unit='bytes'>{len(data)}</capacity><allocation>0</allocation>"
                      "<target><format type='raw'/><permissions><mode>0644</mode></permissions></target></volume>", 0)
s = c.newStream(0)
base.upload(s, 0, len(data), 0)
at = [0]


def chunk(stream, n, _):
    at[0] += n
    return data[at[0] - n:at[0]]


s.sendAll(chunk, None)
s.finish()
with open(base.path(), 'rb') as f:
    assert f.read() == data
disk = pool.createXML("<volume><name>disk.qcow2</name><capacity unit='MiB'>16</capacity><target><format type='qcow2'/></target>"
                      f"<backingStore><path>{base.path()}</path><format type='raw'/></backingStore></volume>", 0)
assert disk.info()[1] == 16 << 20 and '<backingStore>' in disk.XMLDesc(0) and c.storageVolLookupByKey(disk.key()).name() == 'disk.qcow2'
assert c.storageVolLookupByPath(disk.path()).storagePoolLookupByVolume().name() == 'made'

document = f"""<domain type='xen'><name>made</name><memory unit='MiB'>128</memory><vcpu>2</vcpu>
  <os><type>hvm</type><boot dev='hd'/></os><features><acpi/><apic/></features>
  <devices>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{disk.path()}'/><target dev='xvda' bus='xen'/></disk>
    <interface type='bridge'><source bridge='xenbr0'/></interface><console type='pty'/><graphics type='vnc' autoport='yes'/>
  </devices></domain>"""
assert 'hvm' in c.getCapabilities() and c.getLibVersion() > 1000000
refused(libvirt.VIR_ERR_NO_DOMAIN, c.lookupByName, 'made')
d = c.defineXMLFlags(document, libvirt.VIR_DOMAIN_DEFINE_VALIDATE)
d.setAutostart(1)
d.create()
assert d.isActive() and d.isPersistent() and d.autostart() and d.state()[0] == libvirt.VIR_DOMAIN_RUNNING
# the document that comes back is taken as it is
c.defineXML(d.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
mac = d.XMLDesc(0).split("<mac address='")[1].split("'")[0]

# its address: nothing at first, until the lease is there
assert d.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE, 0) == {}
with open(f'{leases}/xenbr0.status.new', 'w') as f:
    json.dump([{'ip-address': '10.9.8.7', 'mac-address': mac, 'expiry-time': int(time.time()) + 3600}], f)
os.rename(f'{leases}/xenbr0.status.new', f'{leases}/xenbr0.status')
for _ in range(100):
    found = d.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE, 0)
    if found:
        break
    time.sleep(0.05)
(card,) = found.values()
assert card['hwaddr'] == mac and [a['addr'] for a in card['addrs']] == ['10.9.8.7'], found

# a change that has it made anew: it is refused while it runs as the tools expect, then gone in their order
refused(libvirt.VIR_ERR_OPERATION_INVALID, d.create)
refused(libvirt.VIR_ERR_OPERATION_INVALID, pool.undefine)
d.destroy()
assert d.state()[0] == libvirt.VIR_DOMAIN_SHUTOFF
refused(libvirt.VIR_ERR_OPERATION_INVALID, d.destroy)
d.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA | libvirt.VIR_DOMAIN_UNDEFINE_NVRAM |
                libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA)
refused(libvirt.VIR_ERR_NO_DOMAIN, d.undefine)
refused(libvirt.VIR_ERR_NO_DOMAIN, c.lookupByName, 'made')
disk.delete(0)
base.delete(0)
refused(libvirt.VIR_ERR_NO_STORAGE_VOL, pool.storageVolLookupByName, 'disk.qcow2')
pool.destroy()
pool.delete(0)
pool.undefine()
assert not os.path.exists(folder) and not c.listAllStoragePools(0) and not c.listDefinedDomains()
c.close()
