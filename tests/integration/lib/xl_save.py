#!/usr/bin/env python3
"""xl_save.py IMAGE OUT json|cfg|old: a saved guest of ours as xl would have written it (old: as a Xen before 4.6)."""
import json, re, struct, sys

image, out, kind = sys.argv[1:]
data = open(image, 'rb').read()
_, length = struct.unpack_from('<II', data, 16)
xml, stream = data[64:64 + length - 1].decode(), data[64 + length:]
tag = lambda name: re.search('<%s[^>]*>([^<]*)</%s>' % (name, name), xml).group(1)
name, uuid, memory = tag('name'), tag('uuid'), int(tag('memory'))
if kind == 'json':
    flags, config = 3, json.dumps({
        'c_info': {'type': 'pv', 'name': name, 'uuid': uuid},
        'b_info': {'max_vcpus': 1, 'max_memkb': memory, 'target_memkb': memory, 'kernel': tag('kernel'), 'type.pv': {}},
        'on_reboot': 'restart'})
else:
    flags, config = 2 if kind == 'cfg' else 0, 'name = "%s"\nuuid = "%s"\nmemory = %d\nkernel = "%s"\n' % (
        name, uuid, memory // 1024, tag('kernel'))
config = config.encode()
with open(out, 'wb') as f:
    f.write(b'Xen saved domain, xl format\n \0 \r')
    f.write(struct.pack('<IIII', 0x01020304, flags, 0, 4 + len(config)))
    f.write(struct.pack('<I', len(config)) + config + stream)
