#!/usr/bin/env python3
"""fields.py HEADER SOURCE-DIR DOC: every field of libxl_domain_config, as the installed _libxl_types.h has it, is
used by the driver or stands in the document with the reason why not."""
import pathlib
import re
import sys

header, sources, document = map(pathlib.Path, sys.argv[1:])
structs = dict(re.findall(r"typedef struct (\w+) \{(.*?)\n\} \w+;", header.read_text(), re.S))
used = " ".join(p.read_text() for p in sources.glob("*.[ch]"))
table = document.read_text()
# members that the X-macro of COLO pastes together
pasted = re.compile(r"colo_|num_")


def walk(name, seen):
    """Yields STRUCT.FIELD for every plain field of the struct and of the structs in it."""
    if name in seen or name not in structs:
        return
    seen.add(name)
    for kind, stars, field in re.findall(r"^\s+(?:const )?(\w+)( \*| )(\w+);", structs[name], re.M):
        if kind in structs:
            yield from walk(kind, seen)
        yield name, field


missing = [f"{struct}.{field}" for struct, field in walk("libxl_domain_config", set())
           if not pasted.match(field) and not re.search(rf"\b{field}\b", used) and not re.search(rf"\b{field}\b", table)]
count = sum(1 for _ in walk("libxl_domain_config", set()))
print(f"{count} fields, {len(missing)} neither set nor explained")
for field in missing:
    print("not ok:", field)
sys.exit(bool(missing) or count < 100)
