#!/bin/sh
# Checks every #include below src/ against src/LAYERS. Prints each breach; exit 1 if there is one.
cd "$(dirname "$0")/.." || exit 2
exec python3 - <<'PY'
import re, sys, pathlib
inner, outer = {}, []
for line in open('src/LAYERS'):
    line = line.split('#')[0].strip()
    if not line: continue
    name, _, rest = line.rpartition(':') if line.startswith('<') else line.partition(':')
    if name.startswith('<'): outer.append((re.compile(re.escape(name[1:].rstrip('>')).replace(r'\*', '.*')), rest.split()))
    else: inner[name] = set(rest.split()) | {name}
bad = 0
for f in sorted(pathlib.Path('src').rglob('*.[ch]')):
    rel = f.relative_to('src'); folder = rel.parts[0]
    if folder not in inner:
        print(f'{f}: folder {folder} is not in src/LAYERS'); bad += 1; continue
    for n, line in enumerate(f.read_text().splitlines(), 1):
        m = re.match(r'\s*#\s*include\s*([<"])([^>"]+)', line)
        if not m: continue
        kind, what = m.groups()
        if kind == '"' and '/' in what and what.split('/')[0] in inner and what.split('/')[0] not in inner[folder]:
            print(f'{f}:{n}: {folder} may not include {what}'); bad += 1
        if kind == '<':
            for rx, where in outer:
                if rx.match(what) and not any(str(rel) == w or str(rel).startswith(w + '/') for w in where):
                    print(f'{f}:{n}: <{what}> belongs in {" ".join(where)}'); bad += 1
print(f'layers: {bad} breaches')
sys.exit(1 if bad else 0)
PY
