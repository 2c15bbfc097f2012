#!/usr/bin/env python3
"""Reads remote.idl, writes the C structures, the type tables and the procedure tables.

usage: gen_wire.py remote.idl FOLDER NAME...   (of remote.h, remote.c, procs.def, calls.h)
"""
import re
import sys
import pathlib

# IDL type: (C type, table kind, bytes on the wire)
SCALARS = {
    'int': ('int', 'INT', 4), 'uint': ('uint32_t', 'UINT', 4),
    'hyper': ('int64_t', 'HYPER', 8), 'uhyper': ('uint64_t', 'UHYPER', 8),
    'double': ('double', 'DOUBLE', 8), 'char': ('char', 'CHAR', 4),
    'uchar': ('unsigned char', 'UCHAR', 4), 'ushort': ('unsigned short', 'USHORT', 4),
}
FLAG_WORDS = {'ro': 'RO', 'high': 'HIGH', 'noauth': 'NOAUTH', 'noopen': 'NOOPEN', 'in': 'STREAM_IN', 'out': 'STREAM_OUT'}
DEPTH_MAX = 6  # nesting of structures; wire.c recurses this deep at most


class Field:
    def __init__(self, kind, name, shape, limit, case=0):
        self.kind, self.name, self.shape, self.limit, self.case = kind, name, shape, limit, case


class Type:
    def __init__(self, name, fields, is_union=False):
        self.name, self.fields, self.is_union = name, fields, is_union


class Proc:
    def __init__(self, program, name, nr, event):
        self.program, self.name, self.nr, self.event = program, name, nr, event
        self.args = self.ret = None
        self.flags, self.acl, self.words = [], [], {}
        self.symbol = ('' if program == 'REMOTE' else program + '_') + name


class Idl:
    """The parsed description: consts, enums and types by name, programs and procedures in order."""

    def __init__(self, text):
        self.consts, self.enums, self.types, self.programs, self.procs = {}, {}, {}, {}, []
        text = re.sub(r'#.*', '', text)
        self.tokens = re.findall(r'0x[0-9a-f]+|\d+|[A-Za-z_]\w*|->|[^\s\w]', text)
        self.at, self.program = 0, None
        while self.at < len(self.tokens):
            word = self.next()
            getattr(self, 'read_' + word, lambda: self.bad(word))()
        self.check()

    def check(self):
        for program in self.programs:
            numbers = [p.nr for p in self.procs if p.program == program]
            if numbers != list(range(1, len(numbers) + 1)):
                sys.exit(f'remote.idl: the procedures of {program} are not numbered 1, 2, 3, ...')

    def bad(self, word):
        sys.exit(f"remote.idl: cannot read '{word}' before '{' '.join(self.tokens[self.at:self.at + 8])}'")

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ''

    def next(self, want=None):
        token = self.peek()
        if want and token != want:
            self.bad(f"{token}' instead of '{want}")
        self.at += 1
        return token

    def skip(self, token):
        if self.peek() == token:
            self.at += 1
            return True
        return False

    def number(self):
        token = self.next()
        return self.consts[token] if token in self.consts else int(token, 0)

    def read_const(self):
        name = self.next()
        self.next('=')
        self.consts[name] = self.number()

    def read_enum(self):
        name, members = self.next(), []
        self.next('{')
        while not self.skip('}'):
            member = self.next()
            self.next('=')
            members.append((member, self.number()))
            self.skip(',')
        self.enums[name] = members

    def read_field(self, case=0):
        kind, shape, limit = self.next(), 'ONE', None
        if self.skip('?'):
            shape = 'OPTIONAL'
        name = self.next()
        if self.skip('<'):
            shape, limit = 'ARRAY', self.next()
            self.next('>')
        elif self.skip('['):
            shape, limit = 'FIXED', self.next()
            self.next(']')
        if kind not in SCALARS and kind not in ('string', 'opaque') and kind not in self.types and kind not in self.enums:
            self.bad(kind)
        return Field(kind, name, shape, limit, case)

    def read_fields(self, close):
        fields = []
        while not self.skip(close):
            fields.append(self.read_field())
            if self.peek() != close:
                self.next(',')
        return fields

    def add(self, kind):
        if kind.name in self.types:
            self.bad(f'second {kind.name}')
        self.types[kind.name] = kind

    def read_struct(self):
        name = self.next()
        self.next('{')
        self.add(Type(name, self.read_fields('}')))

    def read_union(self):
        name, fields = self.next(), []
        self.next('{')
        while not self.skip('}'):
            case = self.number()
            self.next(':')
            fields.append(self.read_field(case))
            self.skip(',')
        self.add(Type(name, fields, is_union=True))

    def read_program(self):
        self.program = self.next()
        self.next('=')
        number = self.number()
        self.next('version')
        self.programs[self.program] = (number, self.number())

    def members(self, proc, suffix):
        self.next('(')
        fields = self.read_fields(')')
        if not fields:
            return None
        self.add(Type(proc.symbol.lower() + suffix, fields))
        return proc.symbol.lower() + suffix

    def read_proc(self, event=False):
        name = self.next()
        self.next('=')
        proc = Proc(self.program, name, self.number(), event)
        proc.args = self.members(proc, '_msg' if event else '_args')
        if not event:
            self.next('->')
            proc.ret = self.members(proc, '_ret')
        if self.skip('['):
            self.read_words(proc)
        if event:
            proc.flags.append('EVENT')
        self.procs.append(proc)

    def read_event(self):
        self.read_proc(event=True)

    def read_words(self, proc):
        while not self.skip(']'):
            word = self.next()
            if word == 'ro' and self.skip('-'):
                self.next('except')
                proc.flags += ['RO', 'RO_EXCEPT']
                proc.words['ro-except'] = self.condition()
            elif self.skip('='):
                value = self.next()
                if self.skip(':'):
                    value += ':' + self.next()
                proc.words[word] = value
            elif self.skip(':'):
                right = self.next()
                proc.acl.append((word, right, self.condition() if self.peek() == '(' else None))
            elif word in FLAG_WORDS:
                proc.flags.append(FLAG_WORDS[word])
            else:
                self.bad(word)

    def condition(self):
        """(kind, member, C expression)"""
        self.next('(')
        kind = 'NONE' if self.skip('!') else 'ANY'
        member, text = 'flags', self.next()
        if self.skip('='):
            kind, member, text = 'EQUAL', text, self.next()
        while self.skip('|'):
            text += ' | ' + self.next()
        self.next(')')
        return kind, member, text

    def least(self, field, depth=0):
        """The fewest bytes that one element of the field takes on the wire."""
        if depth > DEPTH_MAX:
            sys.exit(f"remote.idl: '{field.name}' is nested too deep")
        if field.kind in SCALARS:
            return SCALARS[field.kind][2]
        if field.kind in self.types:
            return self.type_least(self.types[field.kind], depth + 1)
        return 4

    def type_least(self, kind, depth=0):
        if kind.is_union:
            return 4 + min(self.least(f, depth) for f in kind.fields)
        total = 0
        for f in kind.fields:
            one = self.least(f, depth)
            count = self.number_of(f.limit) if f.shape == 'FIXED' else 1
            if f.kind == 'opaque':
                total += (count + 3) // 4 * 4 if f.shape == 'FIXED' else 4
            else:
                total += {'ONE': one, 'FIXED': one * count, 'OPTIONAL': 4, 'ARRAY': 4}[f.shape]
        return total

    def number_of(self, limit):
        return self.consts.get(limit) if limit in self.consts else int(limit)


class Writer:
    def __init__(self, idl):
        self.idl = idl

    def c_limit(self, field):
        if field.limit is None:
            return 'WIRE_STRING_MAX' if field.kind == 'string' else '0'
        return 'WIRE_' + field.limit if field.limit in self.idl.consts else field.limit

    def c_type(self, field):
        if field.kind in SCALARS:
            return SCALARS[field.kind][0] + ' '
        if field.kind in self.idl.enums:
            return 'int '
        if field.kind == 'string':
            return 'char *'
        if field.kind == 'opaque':
            return 'uint8_t '
        return f'struct wire_{field.kind} '

    def member(self, f):
        c = self.c_type(f)
        if f.shape == 'ARRAY':
            return f'    {c}*{f.name};\n    size_t n_{f.name};\n'
        if f.shape == 'FIXED':
            return f'    {c}{f.name}[{f.limit}];\n'
        if f.shape == 'OPTIONAL' and f.kind != 'string':
            return f'    {c}*{f.name};\n'
        return f'    {c}{f.name};\n'

    def struct(self, kind):
        if kind.is_union:
            arms = ''.join('    ' + self.member(f) for f in kind.fields)
            return f'struct wire_{kind.name} {{\n    int type;\n    union {{\n{arms}    }};\n}};\n'
        return f'struct wire_{kind.name} {{\n' + ''.join(self.member(f) for f in kind.fields) + '};\n'

    def header(self):
        idl = self.idl
        out = ['/* Made by gen_wire.py from remote.idl; do not edit. */\n#pragma once\n#include <stddef.h>\n#include <stdint.h>\n',
               '#include "wire/wire.h"\n\n']
        out += ['enum {\n'] + [f'    WIRE_{n} = {v},\n' for n, v in idl.consts.items()] + ['};\n\n']
        for name, (number, version) in idl.programs.items():
            out.append(f'#define WIRE_PROGRAM_{name} {number:#x}u\n')
        for name, members in idl.enums.items():
            rows = ''.join(f'    WIRE_{name.upper()}_{m} = {v},\n' for m, v in members)
            out.append(f'\nenum wire_{name} {{\n{rows}}};\n')
        for program in idl.programs:
            rows = ''.join(f'    WIRE_{p.symbol} = {p.nr},\n' for p in idl.procs if p.program == program)
            out.append(f'\nenum wire_{program.lower()}_proc {{\n{rows}}};\n')
        for kind in idl.types.values():
            out.append('\n' + self.struct(kind))
            out.append(f'extern const struct wire_type wire_type_{kind.name};\n')
        return ''.join(out)

    def row(self, kind, f):
        if f.kind in SCALARS:
            what, ref = SCALARS[f.kind][1], ''
        elif f.kind in self.idl.enums:
            what, ref = 'ENUM', f', .type = &wire_enum_{f.kind}'
        elif f.kind in self.idl.types:
            what, ref = 'STRUCT', f', .type = &wire_type_{f.kind}'
        else:
            what, ref = f.kind.upper(), ''
        place = f'offsetof(struct wire_{kind.name}, {f.name})'
        count = f', .n_offset = offsetof(struct wire_{kind.name}, n_{f.name})' if f.shape == 'ARRAY' else ''
        case = f', .tag = {f.case}' if kind.is_union else ''
        return (f'    {{"{f.name}", WIRE_K_{what}, WIRE_S_{f.shape}, .least = {self.idl.least(f)}, .offset = {place}{count}, '
                f'.max = {self.c_limit(f)}{ref}{case}}},\n')

    def when(self, proc, condition):
        if not condition:
            return ''
        kind, member, text = condition
        if member not in [f.name for f in self.idl.types[proc.args].fields]:
            sys.exit(f"remote.idl: {proc.name} has no '{member}'")
        return f'{{WIRE_WHEN_{kind}, offsetof(struct wire_{proc.args}, {member}), {text}}}'

    def proc_row(self, p):
        args = f', .args = &wire_type_{p.args}' if p.args else ''
        ret = f', .ret = &wire_type_{p.ret}' if p.ret else ''
        flags = ' | '.join('WIRE_P_' + f for f in p.flags) or '0'
        text = f'    {{{p.nr}, "{p.name}", .flags = {flags}{args}{ret}'
        if 'ro-except' in p.words:
            text += f", .ro_except = {self.when(p, p.words['ro-except'])}"
        if p.acl:
            text += f', .acl = acl_{p.symbol.lower()}, .n_acl = {len(p.acl)}'
        for word, member in (('filter', 'filter'), ('relay', 'relay')):
            if word in p.words:
                text += f', .{member} = "{p.words[word]}"'
        if 'sparse' in p.words:
            text += f", .sparse = {p.words['sparse']}"
        return text + '},\n'

    def events(self):
        rows = {}
        for p in self.idl.procs:
            for word in ('legacy', 'callback'):
                if word in p.words:
                    rows.setdefault(int(p.words[word]), {})[word] = p
        out = 'const struct wire_domain_event wire_domain_events[] = {\n'
        for number in sorted(rows):
            row = rows[number]
            name = re.sub('^DOMAIN_EVENT_(CALLBACK_)?', '', row['callback'].name).lower().replace('_', '-')
            legacy = f"WIRE_{row['legacy'].name}" if 'legacy' in row else '0'
            out += f'    [{number}] = {{"{name}", {legacy}, WIRE_{row["callback"].name}}},\n'
        return out + '};\nconst size_t n_wire_domain_events = sizeof(wire_domain_events) / sizeof(*wire_domain_events);\n'

    def source(self):
        idl = self.idl
        out = ['/* Made by gen_wire.py from remote.idl; do not edit. */\n#include "wire/remote.h"\n#include "wire/consts.h"\n#include "wire/proc.h"\n\n']
        for name, members in idl.enums.items():
            rows = ''.join(f'    {{"{m}", WIRE_K_INT, .tag = {v}}},\n' for m, v in members)
            out.append(f'static const struct wire_field members_{name}[] = {{\n{rows}}};\n'
                       f'static const struct wire_type wire_enum_{name} = {{"{name}", .fields = members_{name}, '
                       f'.n_fields = {len(members)}}};\n\n')
        for kind in idl.types.values():
            rows = ''.join(self.row(kind, f) for f in kind.fields)
            union = ', .is_union = true' if kind.is_union else ''
            out.append(f'static const struct wire_field fields_{kind.name}[] = {{\n{rows}}};\n'
                       f'const struct wire_type wire_type_{kind.name} = {{"{kind.name}", sizeof(struct wire_{kind.name}), '
                       f'{idl.type_least(kind)}, fields_{kind.name}, {len(kind.fields)}{union}}};\n\n')
        out += ['const struct wire_type *const wire_types[] = {\n'] + [f'    &wire_type_{n},\n' for n in idl.types]
        out.append('};\nconst size_t n_wire_types = sizeof(wire_types) / sizeof(*wire_types);\n\n')
        for p in idl.procs:
            if p.acl:
                rows = ', '.join(f'{{"{o}", "{r}"' + (', ' + self.when(p, c) if c else '') + '}' for o, r, c in p.acl)
                out.append(f'static const struct wire_acl acl_{p.symbol.lower()}[] = {{{rows}}};\n')
        for program in idl.programs:
            rows = ''.join(self.proc_row(p) for p in idl.procs if p.program == program)
            out.append(f'\nstatic const struct wire_proc procs_{program.lower()}[] = {{\n{rows}}};\n')
        rows = ''.join(f'    {{"{n.lower()}", WIRE_PROGRAM_{n}, {v}, procs_{n.lower()}, '
                       f'sizeof(procs_{n.lower()}) / sizeof(*procs_{n.lower()})}},\n' for n, (_, v) in idl.programs.items())
        out.append(f'\nconst struct wire_program wire_programs[] = {{\n{rows}}};\n'
                   f'const size_t n_wire_programs = {len(idl.programs)};\n\n')
        return ''.join(out) + self.events()

    def defs(self):
        """One row a call of the remote program: WIRE_PROC(NAME, number, name, argument struct, result struct)."""
        out = ['/* Made by gen_wire.py from remote.idl; do not edit. */\n']
        for p in self.idl.procs:
            if p.program == 'REMOTE' and not p.event:
                out.append(f'WIRE_PROC({p.name}, {p.nr}, {p.name.lower()}, struct wire_{p.args or "none"}, '
                           f'struct wire_{p.ret or "none"})\n')
        return ''.join(out)

    def calls(self):
        """A typed inline function a call, over client_call_in(program, ...)."""
        out = ['/* Made by gen_wire.py from remote.idl; do not edit. */\n#pragma once\n#include "wire/remote.h"\n\n'
               'struct client;\nstruct err;\n'
               'int client_call_in(struct client *c, uint32_t program, int proc, const void *args, void *ret, struct err *e);\n']
        for p in self.idl.procs:
            if p.event:
                continue
            args = f', const struct wire_{p.args} *args' if p.args else ''
            ret = f', struct wire_{p.ret} *ret' if p.ret else ''
            out.append(f'\nstatic inline int call_{p.symbol.lower()}(struct client *c{args}{ret}, struct err *e)\n{{\n'
                       f'    return client_call_in(c, WIRE_PROGRAM_{p.program}, WIRE_{p.symbol}, {"args" if p.args else "NULL"}, '
                       f'{"ret" if p.ret else "NULL"}, e);\n}}\n')
        return ''.join(out)


def main():
    writer = Writer(Idl(pathlib.Path(sys.argv[1]).read_text()))
    folder = pathlib.Path(sys.argv[2])
    makers = {'remote.h': writer.header, 'remote.c': writer.source, 'procs.def': writer.defs, 'calls.h': writer.calls}
    for name in sys.argv[3:]:
        (folder / name).write_text(makers[name]())


main()
