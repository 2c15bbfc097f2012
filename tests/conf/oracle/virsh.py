#!/usr/bin/env python3
"""virsh.py BUILD [FILE...]: what libvirt's virsh (its test driver) prints for every line of tests/conf/xml/*.txt, or of the files,
beside what we print; every difference that is not in the file `judged` is shown, to be judged by a reader. The test driver knows neither PVH nor what Xen's driver
fills in, checks and refuses, so a difference is a question and not an answer."""
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
UUID = "c7a5fdb0-cdaf-9455-926a-d65c16db1809"


# What Xen's driver adds, and what libvirt 11.3 prints and 9.0 does not.
OURS = [r" *<driver( name='qemu')? type='raw'/>\n", r" *<controller type='xenbus' index='0'/>\n", r"    <pae/>\n", r" clusters='1'",
        r" *<input type='(mouse|keyboard)' bus='(ps2|xen)'/>\n", r"(?<=rom'|ash') format='raw'", r"arch='\w+'", r" machine='\w+'", r" vram='\d+'"]
THEIRS = [r" *<target dev='testnet0'/>\n", r"arch='\w+'", r"    <pae/>\n", r" *<input type='(mouse|keyboard)' bus='(ps2|xen)'/>\n",
          r" *<driver type='raw'/>\n", r" vram='\d+'"]


def plain(text, patterns):
    text += "\n"
    for p in patterns:
        text = re.sub(p, "", text)
    text = text.replace("  <features>\n  </features>\n", "")
    return text.replace("<target type='serial'", "<target type='xen'").rstrip("\n")


def guest(os_type, place, xml):
    put = {place: xml}
    kind = {"linux": "xen", "xenpvh": "xen"}.get(os_type, os_type)
    return (f"<domain type='test'><name>g</name><uuid>{UUID}</uuid><memory unit='KiB'>1048576</memory>{put.get('top', '')}"
            f"<os><type>{kind}</type>{put.get('os', '')}</os><devices>{put.get('dev', '')}</devices></domain>")


def elements(text, name):
    """The lines of the elements of that name, as cases_xml picks them."""
    out, depth = [], None
    for line in text.split("\n"):
        blanks = len(line) - len(line.lstrip(" "))
        begins = re.match(rf" *<{re.escape(name)}[ />]", line)
        if depth is None and begins:
            depth = blanks
        if depth is None:
            continue
        out.append(line)
        if blanks == depth and (line.endswith(f"</{name}>") or (begins and line.endswith("/>"))):
            depth = None
    return "\n".join(out)


def ask_virsh(case, folder):
    os_type, place, name, xml = case
    path = os.path.join(folder, "g.xml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(guest(os_type, place, xml))
    done = subprocess.run(["virsh", "-q", "-c", "test:///default", f"define {path}; dumpxml --inactive --security-info g"],
                          capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        return "error: " + " ".join(done.stderr.split("\n")[1:]).replace("error: ", "").strip()
    return elements(done.stdout, name)


def ask_us(build, lines, folder):
    os.makedirs(os.path.join(folder, "xml"), exist_ok=True)
    with open(os.path.join(folder, "xml", "a.txt"), "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")
    subprocess.run([os.path.join(build, "tests/conf/cases_xml"), folder], env={**os.environ, "UPDATE": "1"}, check=False,
                   stdout=subprocess.DEVNULL)
    with open(os.path.join(folder, "xml", "a.out"), encoding="utf-8") as f:
        parts = f.read().split("\n\n")
    heads = {f"{c[0]} {c[2]} {c[3]}": i for i, c in enumerate(split(lines))}
    out = [""] * len(lines)
    for part in parts:
        head, _, rest = part.strip("\n").partition("\n")
        if head in heads:
            out[heads[head]] = rest.strip("\n")
    return out


def split(lines):
    return [line.split(" ", 3) for line in lines]


def main(build, files):
    if not files:
        folder = os.path.join(HERE, "..", "xml")
        files = [os.path.join(folder, f) for f in sorted(os.listdir(folder)) if f.endswith(".txt")]
    counts = {"same": 0, "both refuse": 0, "judged": 0, "differ": 0}
    with open(os.path.join(HERE, "judged"), encoding="utf-8") as f:
        judged = set(f.read().split("\n"))
    with tempfile.TemporaryDirectory() as folder:
        for path in files:
            with open(path, encoding="utf-8") as f:
                lines = [s for s in f.read().split("\n") if s and not s.startswith("#")]
            for case, ours in zip(split(lines), ask_us(build, lines, folder)):
                theirs = ask_virsh(case, folder)
                if plain(ours, OURS) == plain(theirs, THEIRS):
                    counts["same"] += 1
                elif ours.startswith("error: ") and theirs.startswith("error: "):
                    counts["both refuse"] += 1
                elif f"{os.path.basename(path)}: {' '.join(case)}" in judged:
                    counts["judged"] += 1
                else:
                    counts["differ"] += 1
                    print(f"{os.path.basename(path)}: {' '.join(case)}\n--- virsh\n{theirs}\n+++ ours\n{ours}\n")
    print(counts)


main(sys.argv[1], sys.argv[2:])
