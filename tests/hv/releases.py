#!/usr/bin/env python3
"""Does the libxl driver compile against the headers of other releases of Xen?

releases.py TABLE OUT SOURCES... [--include DIR]... [--headers DIR] [--only 4.8,4.13] [-- COMPILER...]

Makes the headers of each release from the installed ones (or those in --headers) and the table releases.txt, in OUT/RELEASE, and lets the
compiler check the syntax of all sources against them. `--headers DIR --only 4.14` with headers that are that release's own
checks the table: their text is then left as it is, but what the table says that they lack must be lacking."""
import argparse
import os
import re
import subprocess
import sys

RELEASES = ['4.%d' % n for n in range(6, 22)]
HEADERS = ['libxl.h', 'libxl_event.h', 'libxl_utils.h', 'libxl_uuid.h', '_libxl_types.h', 'libxl_json.h', '_libxl_types_json.h', '_libxl_list.h', 'xen_list.h']
INIT = 'void {0}_dispose({0} *p);\nvoid {0}_init({0} *p);\n'
WORDS = 'const char *{0}_to_string({0} p);\nint {0}_from_string(const char *s, {0} *e);\n'


def number(release):
    return int(release.split('.')[1])


def is_in(span, release):
    first, _, last = span.partition('-')
    return (not first or number(first) <= number(release)) and (not last or number(release) <= number(last))


class Wrong(Exception):
    pass


class Release:
    """The headers of one release, as text."""

    def __init__(self, name, folder):
        self.name = name
        self.text = {}
        self.poison = []
        self.appended = []
        for h in HEADERS:
            if os.path.exists(os.path.join(folder, h)):
                self.text[h] = open(os.path.join(folder, h)).read()
        self.types = self.text['_libxl_types.h']

    def have(self, present, names, text):
        for n in names:
            line = '#define LIBXL_HAVE_' + n
            found = re.search(re.escape(line) + r'\b.*\n', self.text['libxl.h'])
            if found and not present:
                self.text['libxl.h'] = self.text['libxl.h'].replace(found.group(0), '')
            elif present and not found:
                self.appended.append(line + ' 1')

    def enum(self, present, names, text):
        for n in names:
            found = re.search(r'^\s*%s = .*\n' % n, self.types, re.M)
            if found and not present:
                self.poison.append(n)
            elif present and not found and text:
                enum, value = text.split()
                self.types = re.sub(r'^\} %s;' % enum, '    %s = %s,\n} %s;' % (n, value, enum), self.types, count=1, flags=re.M)
            elif present and not found:
                raise Wrong('no ' + n)

    def type(self, present, names, text):
        for n in names:
            found = re.search(r'^\} %s;' % n, self.types, re.M)
            if found and not present:
                self.types = re.sub(r'\b%s\b' % n, n + '_of_another_release', self.types)
                for h in self.text:
                    self.text[h] = re.sub(r'\b%s\b' % n, n + '_of_another_release', self.text[h])
            elif present and not found:
                body, kind = text.rsplit(' ', 1)
                at = self.types.index('typedef struct libxl_domain_create_info')
                self.types = self.types[:at] + body + '\n' + (WORDS if kind == 'ENUM' else INIT).format(n) + self.types[at:]

    def function(self, present, names, text):
        for n in names:
            found = any(re.search(r'\b%s\s*\(' % n, t) for t in list(self.text.values()) + [self.types])
            if found and not present:
                self.poison.append(n)
            elif present and not found and text:
                self.appended.append(text)

    def prototype(self, name, edit):
        # the first one that is no comment; later ones are libxl's own for older interfaces
        for h, t in self.text.items():
            m = re.search(r'^(?! \*|/\*|#)[a-z].*?\b%s\s*\([^;{]*?\)\s*(LIBXL_EXTERNAL_CALLERS_ONLY)?\s*;' % name, t, re.M)
            if m and not m.group(0).startswith('static'):
                self.text[h] = t[:m.start()] + edit(re.sub(r'\s*/\*.*?\*/', '', m.group(0), flags=re.S)) + t[m.end():]
                return
        raise Wrong('no function ' + name)

    def argument(self, present, names, text):
        if present or 'poisoned ' + names[0] in self.poison or names[0] in self.poison:
            return
        self.prototype(names[0], lambda p: re.sub(r',[^,()]*\b%s\b(?=\s*[,)])' % names[1], '', p))

    def replace(self, present, name, text):
        old, new = [x.strip() for x in text.split('->')]
        if present:
            return

        def edit(p):
            r = re.sub(re.escape(new).replace(r'\ ', r'\s*') + r'(?!\w)', old, p, count=1)
            if r == p and old not in p:
                raise Wrong("%s has no '%s'" % (name, new))
            return r
        self.prototype(name, edit)

    def member(self, present, names, text):
        path, names = names[0].split('.'), names[1:]
        for n in names:
            where = self.members(path)
            if where is None and not present:
                continue
            if where is None:
                raise Wrong('no ' + '.'.join(path))
            start, end, lines = where
            found = [i for i, depth, line in lines if depth == 0 and re.search(r'\b%s(\[\w+\])?;' % n, line)]
            rows = self.types.split('\n')
            if found and not present:
                rows[found[0]] = ''
            elif present and not found and text:
                rows.insert(end, '    %s %s;' % (text, n))
            elif present and not found:
                raise Wrong('no %s.%s' % ('.'.join(path), n))
            self.types = '\n'.join(rows)

    def members(self, path):
        """Where the members of a struct stand: first and last row, and (row, depth within, text) of each."""
        rows = self.types.split('\n')
        try:
            start = rows.index('typedef struct %s {' % path[0])
        except ValueError:
            return None
        end = next(i for i in range(start, len(rows)) if rows[i].startswith('}'))
        for inner in path[1:]:
            depth, opened, found = 0, [], None
            for i in range(start + 1, end):
                if rows[i].rstrip().endswith('{'):
                    opened.append(i)
                    depth += 1
                elif rows[i].lstrip().startswith('}'):
                    depth -= 1
                    if depth == 0 and re.search(r'\} %s;' % inner, rows[i]):
                        found = opened[-1] if len(opened) == 1 else opened[0], i
                    if depth == 0:
                        opened = []
            if not found:
                return None
            start, end = found
        lines, depth = [], 0
        for i in range(start + 1, end):
            if rows[i].lstrip().startswith('}'):
                depth -= 1
            lines.append((i, depth, rows[i]))
            if rows[i].rstrip().endswith('{'):
                depth += 1
        return start, end, lines

    def apply(self, row):
        words, _, text = row.partition(' = ')
        span, kind, *names = words.split()
        present = is_in(span, self.name)
        try:
            if kind in ('parameter', 'returns'):
                self.replace(present, names[0], ' '.join(names[1:]))
            else:
                getattr(self, kind)(present, names, text)
        except Wrong as e:
            raise SystemExit('%s: %s: %s' % (self.name, row, e))

    def has(self, kind, names):
        """What of a row is there, by name."""
        if kind == 'member':
            where = self.members(names[0].split('.'))
            rows = [line for _, depth, line in where[2] if depth == 0] if where else []
            return {n: any(re.search(r'\b%s(\[\w+\])?;' % n, line) for line in rows) for n in names[1:]}
        every = '\n'.join(self.text.values())
        what = {'have': r'^#define LIBXL_HAVE_%s\b', 'enum': r'^\s*%s = ', 'type': r'^\} %s;', 'function': r'\b%s\s*\('}[kind]
        return {n: bool(re.search(what % n, every, re.M)) for n in names}

    def true(self, row):
        """Is the row true of these headers, which are the release's own?"""
        words, _, _ = row.partition(' = ')
        span, kind, *names = words.split()
        present, wrong = is_in(span, self.name), []
        if kind in ('have', 'enum', 'type', 'function', 'member'):
            wrong = [n for n, there in self.has(kind, names).items() if there != present]
        elif kind == 'argument' and self.has('function', names[:1])[names[0]]:
            there = []
            self.prototype(names[0], lambda p: there.append(re.search(r',[^,()]*\b%s\s*[,)]' % names[1], p)) or p)
            wrong = [names[0]] if bool(there[0]) != present else []
        for n in wrong:
            print('not ok %-5s %s: %s %s' % (self.name, row.split(' = ')[0], n, 'is not there' if present else 'is there'))
        return not wrong

    def write(self, folder):
        os.makedirs(folder, exist_ok=True)
        self.text['_libxl_types.h'] = self.types
        t = self.text['libxl.h']
        at = t.index('#define LIBXL_HAVE')
        macros = [x for x in self.appended if x.startswith('#')]
        t = t[:at] + '\n'.join(macros) + '\n' + t[at:]
        last = t.rindex('#endif')
        self.text['libxl.h'] = t[:last] + '\n'.join(x for x in self.appended if not x.startswith('#')) + '\n' + t[last:]
        if self.poison: # GCC's and clang's word for "must not be named any more"
            self.text['libxl_utils.h'] += ''.join('#pragma GCC poison %s\n' % n for n in self.poison)
        for h, text in self.text.items():
            open(os.path.join(folder, h), 'w').write(text)


def rows_of(table):
    return [r for r in (line.strip() for line in open(table)) if r and not r.startswith('#')]


def order(row, release):
    """Signatures are undone from the newest to the oldest; all else as it stands."""
    span, kind = row.split()[:2]
    return -number(span.strip('-')) if kind in ('argument', 'parameter', 'returns') else 0


def check(release, folder, args):
    include = ['-isystem', folder] + sum((['-I', d] for d in args.include), [])
    failed = []
    for source in args.sources:
        r = subprocess.run(args.compiler + ['-fsyntax-only'] + include + [source], capture_output=True, text=True)
        if r.returncode:
            failed.append(os.path.basename(source) + ':\n' + '\n'.join(r.stderr.split('\n')[:12]))
    print('%s %-5s %s' % ('not ok' if failed else 'ok', release, ''.join('\n' + f for f in failed)))
    return not failed


def main():
    argv = sys.argv[1:]
    compiler = argv[argv.index('--') + 1:] if '--' in argv else ['cc']
    p = argparse.ArgumentParser()
    p.add_argument('table')
    p.add_argument('out')
    p.add_argument('sources', nargs='+')
    p.add_argument('--include', action='append', default=[])
    p.add_argument('--headers', default='/usr/include')
    p.add_argument('--only')
    p.add_argument('--own', action='store_true', help='the headers are those of the release named by --only: look whether the table is true of them')
    args = p.parse_args(argv[:argv.index('--')] if '--' in argv else argv)
    args.compiler = compiler
    good = True
    for release in args.only.split(',') if args.only else RELEASES:
        r = Release(release, args.headers)
        if args.own:
            good = all([r.true(row) for row in rows_of(args.table)]) and check(release, args.headers, args) and good
            continue
        for row in sorted(rows_of(args.table), key=lambda row: order(row, release)):
            r.apply(row)
        folder = os.path.join(args.out, release)
        r.write(folder)
        good = check(release, folder, args) and good
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
