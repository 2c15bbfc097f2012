#!/usr/bin/env python3
"""docs/calls.md: what becomes of every procedure of the protocol, and the tests that prove it.

calls.py write|check FOLDER: FOLDER has what tests noted while they ran (make test, make check; a file a test: the procedures that the
daemon answered without an error, and the events that it sent). `write` (make calls) makes the page anew. `check` fails when the page
is not what the sources say, or when all tests that it names as proof of a call have run and none made that call."""
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(TOP, 'docs/calls.md')
RELAYS = {'storage': 'virtstoraged', 'network': 'virtnetworkd', 'nodedev': 'virtnodedevd', 'interface': 'virtinterfaced',
          'secret': 'virtsecretd', 'nwfilter': 'virtnwfilterd'}
NEVER = {
    'RTC_CHANGE': "QEMU alone knows when a guest sets its clock, and libxl keeps QEMU's events to itself",
    'IO_ERROR': 'backends tell the guest of errors, and nobody else', 'IO_ERROR_REASON': 'backends tell the guest of errors, and nobody else',
    'GRAPHICS': "QEMU alone knows who looks at a display, and libxl keeps QEMU's events to itself",
    'CONTROL_ERROR': 'libxl answers for QEMU, with the error of the call that failed',
    'BLOCK_JOB': 'libxl has no jobs on the disks of a running guest', 'BLOCK_JOB_2': 'libxl has no jobs on the disks of a running guest',
    'PMSUSPEND_DISK': 'to Xen a guest that sleeps on its disk is one that is off', 'AGENT_LIFECYCLE': 'there is no agent that would be known',
    'MIGRATION_ITERATION': 'libxl does not tell when it begins to send memory once more', 'BLOCK_THRESHOLD': 'backends do not count what images grow by',
    'MEMORY_FAILURE': 'Xen takes broken memory away without telling the toolstack of the guest',
    'MEMORY_DEVICE_SIZE_CHANGE': 'Xen has no memory devices', 'NIC_MAC_CHANGE': "a vif's address is the host's to set"}
PROOFS = 2  # tests named in a row
HEAD = '''# Every procedure of the protocol

Made by `make calls` (tests/calls.py) from src/wire/remote.idl, the tables of src/daemon and what the tests noted while they ran: do not edit.
A test is named only if the daemon answered the call without an error, or sent the event, while that test ran. "simulated" is the
in-memory host; scripts under "real Xen" are those of them that the lab runs unchanged on Xen 4.17 (`make lab`). Implemented means on libxl and on the
simulated host alike: the handlers know no difference. "no test" is said where it is so.

'''


def read(path):
    with open(os.path.join(TOP, path)) as f:
        return f.read()


def procedures():
    """(number, name, kind, relayed to)"""
    text = re.sub(r'#.*', '', read('src/wire/remote.idl')).split('program REMOTE')[1].split('program ')[0]
    starts = list(re.finditer(r'^(proc|event) (\w+) = (\d+)', text, re.M))
    for i, m in enumerate(starts):
        body = text[m.end():starts[i + 1].start() if i + 1 < len(starts) else len(text)]
        relay = re.search(r'\brelay=(\w+)', body)
        yield int(m[3]), m[2], m[1], relay[1] if relay else None


def handlers():
    rows = set()
    for name in os.listdir(os.path.join(TOP, 'src/daemon')):
        if name.startswith('do_') and name.endswith('.c'):
            rows |= set(re.findall(r'\{WIRE_(\w+)\s*,', read('src/daemon/' + name)))
    return rows


def refusals():
    why = {}
    for m in re.finditer(r'\{((?:"[^"]*"\s*)+),\s*\{([^}]*)\}\}', read('src/daemon/refused.c')):
        text = ''.join(re.findall(r'"([^"]*)"', m[1]))
        for name in re.findall(r'WIRE_(\w+)', m[2]):
            why[name] = text
    return why


def sent_events():
    """The events that the core knows, by the names that the protocol gives them."""
    return set(re.findall(r'\bEVENT_(\w+) = ', read('src/core/event.h')))


def event_answer(name, relay):
    base = re.sub(r'^DOMAIN_EVENT_(CALLBACK_)?', '', name)
    if relay or not name.startswith('DOMAIN_EVENT'):
        return 'sent where it happens' if name.startswith('CONNECT') else 'passed on from ' + RELAYS.get(relay or owner(name), 'its daemon')
    if (base in sent_events()) == (base in NEVER):
        sys.exit(name + ' is either sent, or has a reason in NEVER why it is not')
    return 'taken note of, never sent: ' + NEVER[base] if base in NEVER else 'sent'


def owner(name):
    return {'NETWORK': 'network', 'STORAGE': 'storage', 'NODE': 'nodedev', 'SECRET': 'secret'}.get(name.split('_')[0])


def answer(name, kind, relay, has, why):
    if kind == 'event':
        return event_answer(name, relay)
    if relay and name in has:
        return 'relayed to %s; answered here where that is not' % RELAYS.get(relay, relay)
    if relay:
        return 'relayed to ' + RELAYS.get(relay, relay)
    if name in has:
        return 'implemented'
    if name in own_answers():
        return 'implemented'
    if name not in why:
        sys.exit(name + ' has neither a handler nor a reason in src/daemon/refused.c')
    return 'refused: ' + why[name]


def own_answers():
    return set(re.findall(r'c->proc->nr == WIRE_(\w+)', read('src/daemon/dispatch.c')))


def records(folder):
    """test: the calls that it made"""
    found = {}
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        with open(os.path.join(folder, name)) as f:
            found[name] = set(f.read().split())
    return found


def real_xen():
    """The scripts that are not for the simulated host only, by themselves or by what they read."""
    found = set()
    for f in os.listdir(os.path.join(TOP, 'tests/integration')):
        text = read('tests/integration/' + f) if f.endswith('.sh') else ''
        parts = re.findall(r'^\. "\$(?:here|\(dirname "\$0"\)/lib)/(\w+\.sh)"', text, re.M)
        if 'lib.sh' in parts and not any(re.search(r'^only sim', t, re.M) for t in [text] + [read('tests/integration/lib/' + p) for p in parts]):
            found.add(f[:-3])
    return found


def pick(name, tests, real):
    """Scripts before the raw protocol; of scripts those first that make fewest calls, for they say most."""
    good = sorted((t for t in tests if name in tests[t]), key=lambda t: (t in ('conformance', 'process'), len(tests[t]), t))
    on_real = [t for t in good if t in real]
    return good[:PROOFS], on_real[:1]


def page(proofs_of):
    has, why = handlers(), refusals()
    counts, rows = {}, []
    for number, name, kind, relay in sorted(procedures()):
        what = answer(name, kind, relay, has, why)
        sim, real = proofs_of(name)
        group = 'event' if kind == 'event' else what.split(':')[0].split(' ')[0]
        is_due = group in ('implemented', 'relayed')
        c = counts.setdefault(group, [0, 0, 0])
        c[0] += 1
        c[1] += bool(sim)
        c[2] += bool(real)
        rows.append('| %d | %s | %s | %s | %s |' % (number, name, what, ', '.join(sim) or ('no test' if is_due else ''), ', '.join(real)))
    table = ['| | procedures | seen answered on the simulated host | by a script that runs on a real Xen |', '|---|---|---|---|']
    for group in ('implemented', 'relayed', 'refused', 'event'):
        table.append('| %s | %d | %d | %d |' % (group, *counts.get(group, [0, 0, 0])))
    return HEAD + '\n'.join(table) + '\n\n| nr | procedure | answer | simulated | real Xen |\n|---|---|---|---|---|\n' + '\n'.join(rows) + '\n'


def page_proofs():
    found = {}
    for m in re.finditer(r'^\| \d+ \| (\w+) \| .* \| ([^|]*) \| ([^|]*) \|$', read('docs/calls.md') if os.path.exists(PAGE) else '', re.M):
        split = lambda s: [x for x in s.strip().split(', ') if x and x != 'no test']
        found[m[1]] = split(m[2]), split(m[3])
    return found


def check(tests):
    proofs, bad = page_proofs(), 0
    if page(lambda name: proofs.get(name, ([], []))) != read('docs/calls.md'):
        print('docs/calls.md is not what the sources say; make calls')
        bad += 1
    real, known = real_xen(), set(real_xen())
    for name, (sim, lab) in sorted(proofs.items()):
        # some calls depend on how long things take: one of the tests that are named must have made it
        if sim and all(t in tests and name not in tests[t] for t in sim):
            print("%s: %s ran and did not make this call" % (name, ' and '.join(sim)))
            bad += 1
        for t in lab:
            if t not in known:
                print("%s: '%s' does not run on a real Xen" % (name, t))
                bad += 1
    print('%d proofs, %d tests have run, %d wrong' % (sum(len(s) for s, _ in proofs.values()), len(tests), bad))
    return 1 if bad else 0


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ('write', 'check'):
        sys.exit(__doc__)
    tests = records(sys.argv[2])
    if sys.argv[1] == 'check':
        return check(tests)
    if not tests:
        sys.exit('no test has noted anything in %s: make test' % sys.argv[2])
    real = real_xen()
    with open(PAGE, 'w') as f:
        f.write(page(lambda name: pick(name, tests, real)))
    return 0


if __name__ == '__main__':
    sys.exit(main())
