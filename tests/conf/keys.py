#!/usr/bin/env python3
"""keys.py CONVERT FORMATS: every key of FORMATS/xlcfg.csv, xm.csv and sxpr.csv, and every word inside of texts, with a legal value: it
must change the guest, be carried by XML and by libxl's JSON, or the report must say that it is not. Prints each key that is lost in silence."""
import csv, functools, re, subprocess, sys

from keys_sxpr import sxpr_cases

CONVERT, FORMATS = sys.argv[1:3]
HEAD = 'name = "t"\nuuid = "7a2f9d3c-1b4e-4f60-8a71-2c3d4e5f6071"\nmemory = 512\nmaxmem = 1024\nvcpus = 2\n'
TYPES = {'PV': 'kernel = "/boot/k"\n', 'HVM': 'builder = "hvm"\n', 'PVH': 'type = "pvh"\nkernel = "/boot/k"\n'}
# keys whose value no rule finds: the whole line
LINES = {
    'name': 'name = "other"', 'uuid': 'uuid = "11111111-2222-4333-8444-555555555555"', 'mmio_hole': 'mmio_hole = 512', 'cpus': 'cpus = "1-3"', 'cpus_soft': 'cpus_soft = "1-3"', 'cpuid': 'cpuid = "host,aes=0,family=7"',
    'disk': 'disk = [ "/x,raw,xvda,rw" ]', 'vif': 'vif = [ "mac=00:16:3e:00:00:01,bridge=b,script=vif-bridge" ]', 'pci': 'pci = [ "01:00.0" ]',
    'vfb': 'vfb = [ "vnc=1" ]', 'channel': 'channel = [ "connection=pty,name=c" ]', 'vtpm': 'vtpm = [ "backend=d" ]',
    'p9': 'p9 = [ "tag=t,path=/p,security_model=none" ]', 'pvcalls': 'pvcalls = [ "backend=d" ]', 'vdispl': 'vdispl = [ "backend=d,connectors=a:1x1" ]',
    'vsnd': 'vsnd = [[ "CARD,short-name=a", "PCM,name=b" ]]', 'vkb': 'vkb = [ "backend-type=linux,backend=d" ]',
    'virtio': 'virtio = [ "type=virtio,device22,transport=mmio" ]', 'usbctrl': 'usbctrl = [ "version=2,ports=4" ]',
    'usbdev': 'usbdev = [ "hostbus=1,hostaddr=2" ]', 'vnuma': 'vnuma = [[ "pnode=1", "size=512", "vcpus=0-1", "vdistances=10" ]]',
    'rdm': 'rdm = "strategy=host,policy=strict"', 'arm_sci': 'arm_sci = "type=scmi_smc"', 'smbios': 'smbios = [ "bios_vendor=v" ]',
    'ioports': 'ioports = [ "3f8-3ff" ]', 'iomem': 'iomem = [ "fee00,1" ]', 'irqs': 'irqs = [ 9 ]', 'dtdev': 'dtdev = [ "/a" ]',
    'serial': 'serial = "pty"', 'parallel': 'parallel = "pty"', 'usbdevice': 'usb = 1\nusbdevice = "tablet"', 'usb': 'usb = 1',
    'viridian': 'viridian = [ "base", "freq" ]', 'mca_caps': 'mca_caps = [ "lmce" ]', 'boot': 'boot = "dn"', 'soundhw': 'soundhw = "ac97"',
    'llc_colors': 'llc_colors = [ "1-3" ]', 'bootloader_args': 'bootloader = "/b"\nbootloader_args = [ "-q" ]', 'memory': 'memory = 600',
    'maxmem': 'maxmem = 2048', 'vcpus': 'vcpus = 1\nmaxvcpus = 2', 'maxvcpus': 'maxvcpus = 4', 'bootloader': 'bootloader = "/b"',
    'kernel': 'kernel = "/other"', 'vnc': 'vnc = 0', 'vga': 'vnc = 1\nvga = "qxl"', 'stdvga': 'vnc = 1\nstdvga = 1', 'videoram': 'vnc = 1\nvideoram = 32',
    'vncdisplay': 'vnc = 1\nvncunused = 0\nvncdisplay = 4', 'vncunused': 'vnc = 1\nvncunused = 0', 'vncpasswd': 'vnc = 1\nvncpasswd = "p"',
    'vnclisten': 'vnc = 1\nvnclisten = "1.2.3.4"', 'keymap': 'vnc = 1\nkeymap = "de"', 'cmdline': 'cmdline = "a b"', 'root': 'root = "/dev/x"',
    'extra': 'extra = "x=1"', 'firmware': 'firmware = "uefi"', 'bios_path_override': 'bios = "seabios"\nbios_path_override = "/b"',
    'device_model_args': 'device_model_args = [ "-a" ]', 'device_model_args_hvm': 'device_model_args_hvm = [ "-a" ]',
    'device_model_args_pv': 'device_model_args_pv = [ "-a" ]', 'tsc_mode': 'tsc_mode = "native"', 'rtc_timeoffset': 'rtc_timeoffset = 60',
    'ms_vm_genid': 'ms_vm_genid = "generate"', 'timer_mode': 'timer_mode = 2', 'gfx_passthru': 'gfx_passthru = "igd"', 'passthrough': 'passthrough = "sync_pt"',
    'altp2m': 'altp2m = "mixed"', 'hpet': 'hpet = 0', 'pool': 'pool = "Pool-1"', 'seclabel': 'seclabel = "a:b:c"', 'init_seclabel': 'init_seclabel = "a:b:d"\nseclabel = "a:b:c"',
    'on_poweroff': 'on_poweroff = "preserve"', 'on_reboot': 'on_reboot = "preserve"', 'on_crash': 'on_crash = "preserve"',
    'on_watchdog': 'on_watchdog = "preserve"', 'on_soft_reset': 'on_soft_reset = "preserve"', 'pvshim_path': 'type = "pvh"\npvshim = 1\npvshim_path = "/p"',
    'acpi': 'acpi = 0', 'apic': 'apic = 0', 'pae': 'pae = 0', 'hap': 'hap = 0', 'nx': 'nx = 0', 'localtime': 'localtime = 1',
    'max_grant_version': 'max_grant_version = 1', 'usbversion': 'usbversion = 2',
    'spice': 'vnc = 0\nspice = 1', 'sdl': 'vnc = 0\nsdl = 1', 'opengl': 'vnc = 0\nsdl = 1\nopengl = 1', 'display': 'vnc = 0\nsdl = 1\ndisplay = ":1"',
    'xauthority': 'vnc = 0\nsdl = 1\nxauthority = "/x"', 'vif2': 'vif2 = [ "a" ]', 'sve': 'sve = "128"', 'nodes': 'nodes = "nodes:0"',
}
SPICE = {'spicehost': '"1.2.3.4"', 'spiceport': '6000', 'spicetls_port': '6001', 'spicepasswd': '"x"', 'spicedisable_ticketing': '1',
         'spiceagent_mouse': '0', 'spicevdagent': '1', 'spice_clipboard_sharing': '1', 'spiceusbredirection': '3',
         'spice_image_compression': '"glz"', 'spice_streaming_video': '"all"'}
for k, v in SPICE.items():
    LINES[k] = 'vnc = 0\nspice = 1\n' + ('spicepasswd = "y"\nspicedisable_ticketing = 0\n' if k != 'spicepasswd' and k != 'spicedisable_ticketing' else '') + f'{k} = {v}'
# texts that hold words: what stands around the word
XM = {'viridian': 'viridian = 1', 'cpuid': 'cpuid = [ "1:ecx=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx0" ]', 'irq': 'irq = [ 9 ]',
      'cpuid_check': 'cpuid_check = [ "1:ecx=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx0" ]', 'vscsi': 'vscsi = [ "/dev/sdx,sdx" ]',
      'vusb': 'vusb = [ "usbver=2,numports=4" ]', 'disk': 'disk = [ "file:/x,hda,w" ]', 'vcpu_avail': 'vcpu_avail = 1', 'vnc': 'vnc = 1',
      'nographic': 'vnc = 1\nnographic = 1'}
ITEMS = {'disk': 'disk = [ "vdev=xvdb,%s,target=/x" ]', 'vif': 'vif = [ "mac=00:16:3e:00:00:01,%s" ]', 'pci': 'pci = [ "01:00.0,%s" ]',
         'usbctrl': 'usbctrl = [ "%s" ]', 'usbdev': 'usbctrl = [ "version=2,ports=4" ]\nusbdev = [ "hostbus=1,hostaddr=2,%s" ]',
         'vfb': 'vfb = [ "vnc=1,%s" ]', 'channel': 'channel = [ "connection=pty,name=c,%s" ]', 'vtpm': 'vtpm = [ "backend=d,%s" ]',
         'p9': 'p9 = [ "tag=t,path=/p,security_model=none,%s" ]', 'pvcalls': 'pvcalls = [ "%s" ]', 'vdispl': 'vdispl = [ "connectors=a:1x1,%s" ]',
         'vkb': 'vkb = [ "backend-type=linux,%s" ]', 'virtio': 'virtio = [ "type=virtio,device22,%s" ]', 'smbios': 'smbios = [ "%s" ]',
         'vnuma': 'vnuma = [[ "size=512", "vcpus=0-1", "%s" ]]'}
WORDS = {'disk.vdev': None, 'disk.target': None, 'disk.(positional form)': None, 'disk.(deprecated prefixes)': None, 'disk.format': 'format=qcow2',
         'disk.cdrom': 'cdrom', 'vif.mac': None, 'disk.colo-port': 'colo-port=10809', 'vif.bridge': 'bridge=c,script=vif-bridge', 'vif.type': 'type=vif', 'vif.ip': 'ip=1.2.3.4', 'vif.rate': 'rate=5MB/s',
         'pci.vslot (@slot)': None, 'pci.vslot': None, 'pci.name': None, 'pci.func *': None, 'pci.bdf (positional)': None, 'pci.bdf': None,
         'usbctrl.type': 'type=devicemodel', 'usbdev.hostbus': None, 'usbdev.hostaddr': None, 'usbdev.type': None, 'usbdev.controller': 'controller=0', 'usbdev.port': 'port=2',
         'vfb.vnc': None, 'vfb.vncunused': 'vncunused=0', 'vfb.sdl': 'sdl=1', 'vfb.opengl': 'sdl=1,opengl=1', 'vfb.display': 'sdl=1,display=:1',
         'vfb.xauthority': 'sdl=1,xauthority=/x', 'vfb.type': None, 'channel.connection': None, 'channel.path': None, 'channel.name': None, 'vtpm.backend': None,
         'vtpm.uuid': 'uuid=11111111-2222-4333-8444-555555555555', 'p9.tag': None, 'p9.path': None, 'p9.security_model': None,
         'p9.type': 'type=xen_9pfsd', 'vdispl.connectors': None, 'vkb.backend-type': None, 'virtio.type': None, 'virtio.transport': 'transport=mmio',
         'vnuma.size': None, 'vnuma.vcpus': None, 'vnuma.pnode': 'pnode=1', 'vnuma.vdistances': 'vdistances=15', 'vfb.vnclisten': 'vnclisten=1.2.3.4',
         'disk.devtype': 'devtype=cdrom', 'disk.access': 'access=ro', 'disk.backendtype': 'backendtype=phy', 'disk.no-discard': 'no-discard',
         'disk.specification': 'specification=virtio', 'disk.grant_usage': 'specification=virtio,grant_usage=1'}


def value(kind):
    kind = kind.strip()
    if kind.startswith('enum') or ('|' in kind and not kind[:1] == '"'):
        words = re.sub(r'^enum\s*', '', kind).split('(')[0].replace('|', ' ').split()
        return words[1] if len(words) > 1 and words[:2] != ['0', '1'] else '1' if words[:2] == ['0', '1'] else words[0]
    if kind.startswith(('bool', 'flag')):
        return '1'
    if kind.startswith(('int', 'number', 'hex', 'bit', 'list of ints', 'list of decimal')):
        return '3'
    return '/v' if kind.startswith('path') else 'v'


@functools.cache
def convert(a, b, text):
    r = subprocess.run([CONVERT, a, b], input=text, capture_output=True, text=True)
    return (r.stdout if not r.returncode else None), r.stderr


def cases(table):
    for row in csv.DictReader(open(f'{FORMATS}/{table}.csv')):
        key, parent, kind = row['key'], row['parent'], row['value_type']
        if parent and parent != 'parent':
            word = key.split('.', 1)[1] if '.' in key else key
            if parent not in ITEMS or (table == 'xm' and not re.fullmatch(r'[a-z_.]+', key)) or (WORDS.get(key, '') is None):
                continue
            text = WORDS.get(key) or (word if kind.startswith('flag') else f'{word}={value(kind)}')
            yield row, key, ITEMS[parent] % text, ITEMS[parent].replace(',%s', '').replace('%s,', '').replace(', "%s"', '').replace('"%s"', '')
        elif key not in ('type', 'builder') and re.fullmatch(r'[a-z0-9_]+', key):
            v = value(kind)
            is_list = kind.startswith('list')
            v = v if v.isdigit() and not is_list else f'"{v}"'
            yield row, key, (XM.get(key) if table == 'xm' else None) or LINES.get(key) or f'{key} = ' + (f'[ {v} ]' if is_list else v), ''


def tell(text):
    global bad
    bad += 1
    print(text)


def told(report, key=''):
    return [x for x in report.splitlines() if re.search(r': (lost|approximated|warning)', x)]


def cfg_cases(table):
    """(key, a guest with it, the guest without it)"""
    for row, key, text, plain in cases(table):
        t = next((t for t in ('HVM', 'PV', 'PVH') if t in row['applies_to'].split()), 'HVM')
        drop = {l.split()[0] for l in text.splitlines()}
        base = ''.join(l + '\n' for l in (HEAD + TYPES[t]).splitlines() if l.split()[0] not in drop)
        yield f'{key} ({t})', base + text + '\n', HEAD + TYPES[t] + plain + '\n'


def check(fmt, key, full, without):
    d, err = convert(fmt, '-', full)
    if d is None:
        return tell(f'{fmt} {key}: refused: {err.strip()}: {full!r}')
    if d == convert(fmt, '-', without)[0] and not told(err):
        return tell(f'{fmt} {key}: changes nothing, in silence: {full!r}')
    for to in [f for f in ('xml', 'xen-json', 'xen-sxpr', 'xen-xm', 'xen-xl') if f != fmt]:
        out, err = convert(fmt, to, full)
        if out is None:
            if to in ('xml', 'xen-json') and not re.search('needs Xen|libxl has no', err): # refused by name
                tell(f'{fmt} {key} -> {to}: {err.strip()}: {full!r}')
            continue
        if out == convert(fmt, to, without)[0] and not told(err):
            tell(f'{fmt} {key} -> {to}: not there, in silence: {full!r}')
        if to == 'xml':
            plainly = convert(fmt, '-', convert(fmt, fmt, full)[0] or '')[0]
            by_xml = convert(fmt, '-', convert('xml', fmt, out)[0] or '')[0]
            if plainly != by_xml:
                tell(f'{fmt} {key}: comes back from XML changed: {full!r}')
    if plainly != d and not key.startswith("nographic") and not told(convert(fmt, fmt, full)[1]): # which implies the vnc=0 beside it
        tell(f'{fmt} {key}: written anew it says something else, in silence: {full!r}')


bad = n = 0
for fmt, rows in (('xen-xl', cfg_cases('xlcfg')), ('xen-xm', cfg_cases('xm')), ('xen-sxpr', sxpr_cases(FORMATS))):
    for key, full, without in rows:
        n += 1
        check(fmt, key, full, without)
print(n, 'keys,', bad, 'lost')
sys.exit(bad > 0 or n < 600)
