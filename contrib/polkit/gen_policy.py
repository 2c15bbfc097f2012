#!/usr/bin/env python3
"""gen_policy.py api IDL | unix: a policy file for polkit, on the output. `api` has an action org.libvirt.api.OBJECT.RIGHT for each
right of the table of procedures, with libvirt's defaults: who looks may, who changes may not. `unix` has the two of a connection."""
import re
import sys

HEAD = '''<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE policyconfig PUBLIC "-//freedesktop//DTD polkit Policy Configuration 1.0//EN"
    "http://www.freedesktop.org/software/polkit/policyconfig-1.dtd">
<policyconfig>
  <vendor>xvirt</vendor>
'''
ACTION = '''  <action id="{id}">
    <description>{text}</description>
    <message>{message}</message>
    <defaults>
      <allow_any>{default}</allow_any>
      <allow_inactive>{default}</allow_inactive>
      <allow_active>{default}</allow_active>
    </defaults>
  </action>
'''
# they only look, and are denied all the same
DENIED = {('network', 'search_ports'), ('node_device', 'read'), ('storage_pool', 'search_storage_vols')}


def rights(idl):
    found = set()
    for line in open(idl):
        line = line.split('#')[0]
        found.update(re.findall(r'(?<![=\w])([a-z_]+):([a-z_]+)', line[line.find('['):] if '[' in line else line))
    return sorted(found)


def looks_only(obj, right):
    return (right in ('getattr', 'read') or right.startswith('search_')) and (obj, right) not in DENIED


def api(idl):
    for obj, right in rights(idl):
        words = f"{right.replace('_', ' ')} on {obj.replace('_', ' ')}"
        yield ACTION.format(id=f'org.libvirt.api.{obj}.{right}'.replace('_', '-'), text=words,
                            message=f'The right "{words}" is needed', default='yes' if looks_only(obj, right) else 'no')


def unix():
    yield ACTION.format(id='org.libvirt.unix.monitor', text='look at virtual machines', message='Looking at virtual machines needs a right',
                        default='yes')
    yield ACTION.format(id='org.libvirt.unix.manage', text='manage virtual machines', message='Managing virtual machines needs a right',
                        default='auth_admin_keep')


sys.stdout.write(HEAD + ''.join(api(sys.argv[2]) if sys.argv[1] == 'api' else unix()) + '</policyconfig>\n')
