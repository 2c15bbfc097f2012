"""bindings.py URI NAME: what programs in Python do with a running guest."""
import sys
import threading
import time

import libvirt

uri, name = sys.argv[1:]
libvirt.registerErrorHandler(lambda *a: None, None)
libvirt.virEventRegisterDefaultImpl()


def run():
    while True:
        libvirt.virEventRunDefaultImpl()


threading.Thread(target=run, daemon=True).start()
c = libvirt.open(uri)
c.setKeepAlive(1, 5)
assert c.getType() == 'Xen' and c.isAlive() and c.getURI().startswith('xen:///system')
seen = []
c.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, lambda c, d, event, detail, o: seen.append((d.name(), event)), None)
d = c.lookupByName(name)
assert c.lookupByUUIDString(d.UUIDString()).name() == name and c.lookupByID(d.ID()).name() == name
d.suspend()
assert d.state()[0] == libvirt.VIR_DOMAIN_PAUSED
d.resume()
end = time.monotonic() + 10
while len(seen) < 2 and time.monotonic() < end:
    time.sleep(0.01)
assert seen == [(name, libvirt.VIR_DOMAIN_EVENT_SUSPENDED), (name, libvirt.VIR_DOMAIN_EVENT_RESUMED)], seen
stats = {x.name(): s for x, s in c.getAllDomainStats()}
assert stats[name]['state.state'] == libvirt.VIR_DOMAIN_RUNNING and 'vcpu.current' in stats[name], stats
assert '<domainCapabilities>' in c.getDomainCapabilities(None, 'x86_64', None, 'xen')
d.setMetadata(libvirt.VIR_DOMAIN_METADATA_TITLE, 'a title', None, None, 0)
assert d.metadata(libvirt.VIR_DOMAIN_METADATA_TITLE, None) == 'a title'
d.setMemoryFlags(65536, libvirt.VIR_DOMAIN_AFFECT_LIVE)
for call, code in ((lambda: c.lookupByName('nosuch'), libvirt.VIR_ERR_NO_DOMAIN), (d.create, libvirt.VIR_ERR_OPERATION_INVALID),
                   (lambda: c.defineXML('<domain'), libvirt.VIR_ERR_XML_DETAIL),
                   (lambda: c.networkEventRegisterAny(None, 0, lambda *a: None, None), libvirt.VIR_ERR_NO_SUPPORT)):
    try:
        call()
    except libvirt.libvirtError as e:
        assert e.get_error_code() == code, (e.get_error_code(), code, str(e))
    else:
        raise AssertionError(f'no error {code}')
s = c.newStream()
d.openConsole(None, s, 0)
s.send(b'hello\n')
s.abort()
r = libvirt.openReadOnly(uri + '-ro')
try:
    r.lookupByName(name).destroy()
except libvirt.libvirtError as e:
    assert e.get_error_code() == libvirt.VIR_ERR_OPERATION_DENIED, e
assert [x.name() for x in r.listAllDomains()].count(name) == 1
r.close()
c.close()
