"""Guests of keys.py for every path of sxpr.csv."""
import csv, re

HEAD = '(name t)(uuid 7a2f9d3c-1b4e-4f60-8a71-2c3d4e5f6071)(memory 512)(maxmem 1024)(vcpus 4)'
# what stands in a list of the path where the key is tried
BASE = {'domain': '', 'image/hvm': '(loader /l)', 'image/linux': '(kernel /k)', 'vbd': '(dev xvda)(uname phy:/dev/x)(mode w)',
        'tap': '(dev xvda)(uname tap:aio:/x)(mode w)', 'tap2': '(dev xvda)(uname tap2:aio:/x)(mode w)', 'vif': '(mac 00:16:3e:00:00:01)(bridge b)(script vif-bridge)',
        'vfb': '(type vnc)', 'pci/dev': '(domain 0x0)(bus 0x1)(slot 0x2)(func 0x0)', 'vkbd': '', 'console': '', 'vif2': '(mac 00:16:3e:00:00:01)',
        'ioports': '(from 0x10)(to 0x10)', 'irq': '(irq 3)', 'vscsi': '(dev (p-dev /dev/a)(v-dev sda))', 'vusb': '(usb-ver 2)(num-ports 1)(port (1 ""))',
        'vtpm': '(backend 0)'}
# The key's value (or values) where no rule finds one: what stands behind the key.
VALUES = {'domain/name': 'other', 'domain/uuid': '11111111-2222-4333-8444-555555555555', 'domain/memory': '600', 'domain/maxmem': '2048',
          'domain/vcpus': '2', 'domain/vcpu_avail': ['3', '5'], 'domain/cpus': ["'1-3'", '((1 2) (3) () ())'], 'domain/cpu_weight': ['512', '2.0'],
          'domain/on_xend_start': 'start', 'domain/on_xend_stop': ['shutdown', 'suspend'], 'domain/start_time': '1.5', 'domain/cpu_time': '2.5',
          'domain/state': '-b----', 'domain/security': ['((access_control (policy p)(label l)))', '(ssidref 0)'], 'domain/restart': ['always', 'onreboot', 'never'],
          'domain/cpuid': '((1 ((eax 00000000000000000000000000000000)(ecx xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1))))', 'domain/cpuid_check': '((1 ((ecx xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1))))', 'domain/backend': ['(blkif)', '(netif)'],
          'domain/on_poweroff': ['restart', 'preserve', 'rename-restart'], 'domain/on_reboot': ['destroy', 'preserve', 'rename-restart'],
          'domain/on_crash': ['restart', 'preserve', 'coredump-destroy', 'coredump-restart'], 'domain/oos': '0', 'domain/bootloader': ['/b', "''", ''],
          'domain/image/hvm/boot': ['dn', 'acdn'], 'domain/image/hvm/usb': '0', 'domain/image/hvm/usbdevice': ['tablet', 'mouse', 'keyboard', 'host:1234:5678'],
          'domain/image/hvm/serial': ['pty', '((pty file:/x))', '(pty none tcp:h:1,server,nowait)', '/dev/ttyS0', 'unix:/s,server', 'udp:h:1@:2', 'telnet:h:1'],
          'domain/image/hvm/parallel': ['pty', 'file:/p'], 'domain/image/hvm/soundhw': ["'ac97,sb16'", 'all', 'es1370'], 'domain/image/hvm/hpet': ['0', '1'],
          'domain/image/hvm/cpuid': '((1 ((ecx xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1))))', 'domain/image/hvm/cpuid_check': '((1 ((ecx xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1))))', 'domain/image/hvm/oos': '0',
          'domain/image/hvm/pci': '((0x1 0x2))', 'domain/image/hvm/notes': '((A 1)(B c))', 'domain/image/linux/notes': '((A 1)(B c))',
          'domain/image/hvm/guest_os_type': 'linux', 'domain/image/hvm/vpt_align': '0', 'domain/image/hvm/xen_platform_pci': '0',
          'domain/image/hvm/pci_msitranslate': '0', 'domain/image/hvm/timer_mode': ['0', '2', '3'], 'domain/image/hvm/tsc_mode': ['1', '2', '3'],
          'domain/image/hvm/vcpus': '2', 'domain/image/hvm/vcpu_avail': '3', 'domain/image/hvm/videoram': '32', 'domain/tsc_mode': ['1', '2', '3'],
          'domain/image/hvm/rtc_timeoffset': ['60', "'-60'"], 'domain/image/hvm/hap': '0', 'domain/image/hvm/pae': '0', 'domain/image/linux/sdl': '1', 'domain/image/hvm/sdl': '1', 'domain/image/hvm/kernel': '/other',
          'domain/device/vbd/dev': ['hdb', 'hdb:disk', 'hdc:cdrom', 'ioemu:hda', 'sdb', 'xvdb1'], 'domain/device/vbd/uname': ['file:/y', 'drbd:r', 'tap:qcow2:/z'],
          'domain/device/tap/uname': ['tap:qcow:/y', 'tap:vmdk:/y'], 'domain/device/tap2/uname': ['tap:qcow2:/y', 'tap2:vhd:/y'],
          'domain/device/vif/mac': '00:16:3e:00:00:02', 'domain/device/vif/ip': ['1.2.3.4', "'1.2.3.4 1.2.3.5'"], 'domain/device/vif/type': 'netfront',
          'domain/device/vif/rate': ['5MB/s', '10KB/s', '100B/s', '10Mb/s@50ms'], 'domain/device/vif/model': ['e1000', 'netfront'], 'domain/device/vif/vifname': ['v0', 'vif5.0'],
          'domain/device/vfb/type': 'sdl', 'domain/device/vbd/mode': ['r', 'w!', 'r!'], 'domain/device/tap/mode': ['r', 'w!'], 'domain/device/tap2/mode': 'r',
          'domain/device/tap/dev': ['hdb:disk', 'xvdb'], 'domain/device/tap2/dev': ['hdb', 'ioemu:hdc'], 'domain/device/vfb/vncunused': '1',
          'domain/device/vfb/vncdisplay': ['3', '5903'], 'domain/device/pci/dev/vdevfn': ['0x28', '0x29'],
          'domain/device/pci/dev/opts': ['((msitranslate 1)(power_mgmt 0))', '((permissive 1))', '((other 1))'], 'domain/device/pci/dev/domain': '0x1',
          'domain/device/pci/dev/bus': '0x2', 'domain/device/pci/dev/slot': '0x3', 'domain/device/pci/dev/func': '0x4', 'domain/device/pci/dev/state': 'Initialising'}
# keys that mean something beside others only
WITH = {'bootloader_args': '(bootloader /b)', 'root': '(kernel /k2)', 'ramdisk': '(kernel /k2)', 'args': '(kernel /k2)'}
GRAPHICS = {'vncunused': '0', 'vncdisplay': '4', 'vnclisten': '1.2.3.4', 'vncpasswd': 'p', 'keymap': 'de', 'display': ':1', 'xauthority': '/x',
            'opengl': '1', 'spicehost': '1.2.3.4', 'spiceport': '6000', 'spice_disable_ticketing': '1', 'spiceagent_mouse': '0'}
# Lists of the table whose keys stand in words: one row a text.
LISTS = {'console': ['(protocol vt100)', '(location 4)', '(uuid 11111111-2222-4333-8444-555555555555)'], 'vkbd': ['(backend d)'], 'vif2': ['(mac 00:16:3e:00:00:02)(bridge b)(script vif-bridge)'],
         'ioports': ['(from 0x20)(to 0x2f)', '(from 0x20)'], 'irq': ['(irq 9)'],
         'vscsi': ['(feature-host 1)(dev (p-dev /dev/a)(v-dev sda))', '(feature-host 0)(dev (p-dev /dev/b)(p-devname 1:0:0:0)(v-dev sdb)(devid 2)(state Connected))',
                   '(backend d)(dev (p-dev /dev/a)(v-dev sda))'],
         'vusb': ['(usb-ver 1)(num-ports 2)(port (1 1-1)(2 ""))', '(usb-ver 2)(num-ports 1)(port (1 2-2))', '(usb-ver 2)(num-ports 1)(port (1 ""))(backend d)'],
         'vtpm': ['(backend d)', '(backend 0)(uuid 11111111-2222-4333-8444-555555555555)', '(backend 0)(instance 2)', '(backend 0)(pref_instance 2)']}


def put(inner, key, text):
    """The list's keys, with the key's own in place of it."""
    return re.sub(rf'\({re.escape(key)} [^()]*\)', '', inner) + text


def guest(is_hvm, domain='', image='', devices=''):
    kind, base = ('hvm', '(loader /l)') if is_hvm else ('linux', '(kernel /k)')
    head = HEAD
    for key in re.findall(r'\((\w[\w-]*)', domain)[:1]:
        head = put(head, key, '')
    return f'(domain {head}{domain}(image ({kind} {image or base})){devices})'


def value(row):
    kind = row['value_type']
    return ['1'] if kind.startswith(('int', '0|1')) or not kind else ['/v'] if kind.startswith('path') else ['v']


def sides(row, key, text, is_hvm):
    """(with, without)"""
    parts = row['path'].split('/')
    if parts[1] == 'image':
        base = BASE[f'image/{parts[2]}'] + WITH.get(key, '')
        if key.startswith('spice') or key in GRAPHICS or key in ('vnc', 'sdl'):
            about = 'spice' if key.startswith('spice') else 'sdl' if key in ('display', 'xauthority', 'opengl') else 'vnc'
            base += '' if key == about else f'({about} 1)'
            base += '(spiceport 5930)' if about == 'spice' and key not in ('spiceport', 'spice') else ''
        return guest(is_hvm, image=put(base, key, text)), guest(is_hvm, image=base)
    if parts[1] == 'device':
        kind = '/'.join(parts[2:-1])
        base = BASE[kind]
        if kind == 'vfb':
            base = '(type sdl)' if key in ('display', 'xauthority', 'opengl', 'sdl') else base
        if kind == 'vfb' and key in ('vnc', 'sdl'):
            return guest(is_hvm, devices=f'(device (vfb {text}))'), guest(is_hvm)
        base += '(vncdisplay 3)' if (kind, key) == ('vfb', 'vncunused') else ''
        wrap = '(device (pci (dev %s)))' if kind == 'pci/dev' else f'(device ({kind} %s))'
        wrap = f'(device (vbd {BASE["vbd"].replace("xvda", "xvdz")})){wrap}' if key == 'bootable' else wrap
        return guest(is_hvm, devices=wrap % put(base, key, text)), guest(is_hvm, devices=wrap % base)
    return guest(is_hvm, WITH.get(key, '') + text), guest(is_hvm, WITH.get(key, ''))


def sxpr_cases(formats):
    """(key, a guest with it, the guest without it)"""
    for row in csv.DictReader(open(f'{formats}/sxpr.csv')):
        path = row['path']
        if path == 'domain/domid': # of a running guest; what is defined has none
            continue
        kind, key = path.split('/')[2] if '/device/' in path else '', path.split('/')[-1]
        if kind in LISTS:
            for text in LISTS[kind]:
                yield f'{path} {text}', guest(False, devices=f'(device ({kind} {text}))'), guest(False)
            continue
        values = VALUES.get(path) or ([GRAPHICS[key]] if key in GRAPHICS else value(row))
        for v in values if isinstance(values, list) else [values]:
            types = (True,) if row['applies_to'] == 'hvm' else (False,) if row['applies_to'] == 'linux' else (True, False)
            for is_hvm in types:
                yield f"{path} {v} ({'HVM' if is_hvm else 'PV'})", *sides(row, key, f'({key} {v})' if v else f'({key})', is_hvm)
