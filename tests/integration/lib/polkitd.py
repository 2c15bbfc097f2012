"""polkitd.py FOLDER: a polkit authority for tests. FOLDER/answer has its next answers; what it was asked goes to FOLDER/asked.
Actions org.libvirt.api.* are judged by FOLDER/rules where it exists: lines 'ACTION [DETAIL=VALUE...]', patterns; what no line grants is denied."""
import fnmatch
import os
import sys
import gi
gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib

folder = sys.argv[1]
XML = '''<node><interface name="org.freedesktop.PolicyKit1.Authority"><method name="CheckAuthorization">
<arg type="(sa{sv})" direction="in"/><arg type="s" direction="in"/><arg type="a{ss}" direction="in"/>
<arg type="u" direction="in"/><arg type="s" direction="in"/><arg type="(bba{ss})" direction="out"/>
</method></interface></node>'''
ANSWERS = {'yes': (True, False, {}), 'no': (False, False, {}), 'challenge': (False, True, {}),
           'dismissed': (False, True, {'polkit.dismissed': 'true'})}


def start_time(pid):
    with open(f'/proc/{pid}/stat') as f:
        return int(f.read().rsplit(')', 1)[1].split()[19])


def granted(action, details):
    for line in open(folder + '/rules'):
        pattern, *needed = line.split()
        pairs = [x.split('=', 1) for x in needed]
        if fnmatch.fnmatchcase(action, 'org.libvirt.api.' + pattern) and \
                all(name in details and fnmatch.fnmatchcase(details[name], value) for name, value in pairs):
            return True
    return False


def on_call(connection, sender, path, interface, method, parameters, invocation):
    (kind, who), action, details, flags, cancel = parameters.unpack()
    try:
        right = start_time(who['pid']) == who['start-time']
        alive = 'alive'
    except OSError:
        right, alive = False, 'gone'
    with open(folder + '/asked', 'a') as f:
        f.write(f"{action} {kind} uid={who['uid']} pid={alive} start-time={'right' if right else 'wrong'} flags={flags}"
                + ''.join(f' {name}={value}' for name, value in sorted(details.items())) + '\n')
    answer = open(folder + '/answer').read().strip()
    if answer == 'slow':
        print('slow', flush=True)
        return
    if action.startswith('org.libvirt.api.') and os.path.exists(folder + '/rules'):
        invocation.return_value(GLib.Variant('((bba{ss}))', ((granted(action, details), False, {}),)))
        return
    invocation.return_value(GLib.Variant('((bba{ss}))', (ANSWERS[answer],)))


bus = Gio.bus_get_sync(Gio.BusType.SYSTEM)
bus.register_object('/org/freedesktop/PolicyKit1/Authority', Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0], on_call)
Gio.bus_own_name_on_connection(bus, 'org.freedesktop.PolicyKit1', 0, lambda *a: print('ready', flush=True), None)
GLib.MainLoop().run()
