#!/usr/bin/env python3
"""Runs the lab's machine: QEMU with Xen and dom0 in it.

machine.py run IMAGE WORK [--saved DIR] [--time-limit S] [--serial-log F] [--interactive] [--wire DIR:OWN:OTHER]
    WORK/share holds in.tar (unpacked in dom0), run (a shell script, run in dom0) and out (a folder). What run prints
    comes out here; the exit status is run's own, 124 after the time limit, 125 when the lab itself fails.
    With --saved the machine goes on from a saved one, and starts anew only if that fails. With --wire it has a network
    card, joined by sockets in DIR to that of the machine whose --wire has the two names the other way round.
machine.py save IMAGE DIR
    Boots the machine until dom0 waits for "go", and saves it in DIR: ram, and root.qcow2 over the image's root disk.
    What is saved fits only this QEMU, this image and this file.
"""
import argparse
import contextlib
import ctypes
import json
import os
import shlex
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time
import tty

MEMORY_MIB = 4096
DOM0_MIB = 1024
READY = b"XVIRT-LAB-READY"
GOING = b"XVIRT-LAB-GOING"
XEN_ARGS = (
    f"placeholder com1=115200,8n1 console=com1 dom0_mem={DOM0_MIB}M,max:{DOM0_MIB}M dom0_max_vcpus=2 bootscrub=0 "
    "loglvl=warning guest_loglvl=warning sched=credit2 spec-ctrl=no xpti=no"
)
KERNEL_ARGS = "console=hvc0 root=/dev/ram0 rdinit=/init quiet mitigations=off nokaslr panic=1"
TIMED_OUT = 124
LAB_FAILED = 125
BOOT_LIMIT_S = 300
GO_LIMIT_S = 30
SAVE_LIMIT_S = 120


class LabError(Exception):
    """The lab, not what ran in it, went wrong."""


def qemu_command(image, work, drive):
    """The command line that every way of starting shares; serial port and monitor are sockets in WORK."""
    return [
        "qemu-system-x86_64", "-accel", "tcg,thread=multi,tb-size=512", "-machine", "q35",
        "-cpu", "qemu64,+svm,+npt", "-smp", "2", "-m", str(MEMORY_MIB),
        "-device", "intel-iommu", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
        "-chardev", f"socket,id=monitor,path={work}/monitor,server=on,wait=off", "-mon", "chardev=monitor,mode=control",
        "-chardev", f"socket,id=serial,path={work}/serial", "-serial", "chardev:serial",
        "-kernel", os.environ.get("XVIRT_LAB_XEN", f"{image}/xen"), "-append", XEN_ARGS,
        "-initrd", f"{image}/vmlinux {KERNEL_ARGS},{image}/initrd",
        "-drive", f"if=virtio,cache=unsafe,{drive}",
        "-virtfs", f"local,path={work}/share,mount_tag=host,security_model=none,multidevs=remap",
        "-device", "virtio-serial-pci", "-chardev", f"file,id=output,path={work}/output",
        "-device", "virtserialport,nr=1,chardev=output,name=output",
        "-device", "virtio-rng-pci",
        "-device", "pcie-root-port,id=slot1,chassis=1", "-device", "virtio-keyboard-pci,bus=slot1",  # for guests to have
        "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
    ]  # fmt: skip


def cold_options(image):
    return f"format=raw,snapshot=on,file={image}/root.ext4", []


def saved_options(saved):
    ram = shlex.quote(f"{saved}/ram")
    return f"format=qcow2,snapshot=on,file={saved}/root.qcow2", ["-incoming", f"exec:cat {ram}"]


def die_with_parent(number):
    """This process gets the signal when its parent ends in whatever way (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, number)


class Machine:
    """One QEMU process, its serial port and its output."""

    def __init__(self, image, work, serial_log, drive, more):
        """work: a folder of the caller's with "share" in it; drive: options of the root disk; more: QEMU arguments."""
        self.work = work
        for name in ("serial", "monitor"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(f"{work}/{name}")
        self.log = open(serial_log, "wb")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(f"{self.work}/serial")
        listener.listen(1)
        listener.settimeout(30)
        open(f"{self.work}/output", "wb").close()
        self.output = open(f"{self.work}/output", "rb")
        self.process = subprocess.Popen(
            qemu_command(image, work, drive) + more,
            stdin=subprocess.DEVNULL,
            preexec_fn=lambda: die_with_parent(signal.SIGKILL),
        )
        try:
            self.serial = listener.accept()[0]
        except OSError as error:
            self.close()
            raise LabError("QEMU did not start") from error
        listener.close()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()

    def read_serial(self, wait_s):
        """The bytes that came within wait_s; None when the machine has gone."""
        if not select.select([self.serial], [], [], wait_s)[0]:
            return b""
        data = self.serial.recv(65536)
        self.log.write(data)
        self.log.flush()
        return data or None

    def wait_line(self, marker, limit_s):
        end = time.monotonic() + limit_s
        seen = b""
        while marker not in seen:
            data = self.read_serial(1)
            if data is None:
                raise LabError("the machine ended while it was starting")
            if time.monotonic() > end:
                raise LabError(f"no '{marker.decode()}' from the machine within {limit_s} s")
            seen = seen[-64:] + data

    def go(self):
        """dom0 goes on; it learns the time, and randomness of its own (a saved machine always starts the same)."""
        self.serial.sendall(f"go {time.time():.0f} {secrets.token_hex(32)}\n".encode())
        self.wait_line(GOING, GO_LIMIT_S)

    def copy_output(self):
        data = self.output.read()
        if data:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()

    def follow(self, end):
        """Until the machine ends by itself; False when the time is over."""
        while self.read_serial(0.2) is not None:
            self.copy_output()
            if time.monotonic() > end:
                return False
        self.process.wait()
        self.copy_output()
        return True

    def relay(self):
        """A person's terminal on the serial port, until the machine ends."""
        terminal = sys.stdin.fileno()
        saved = termios.tcgetattr(terminal)
        tty.setraw(terminal)
        try:
            while True:
                ready = select.select([terminal, self.serial], [], [])[0]
                if self.serial in ready:
                    data = self.read_serial(0)
                    if data is None:
                        return
                    os.write(sys.stdout.fileno(), data)
                if terminal in ready:
                    self.serial.sendall(os.read(terminal, 1024))
        finally:
            termios.tcsetattr(terminal, termios.TCSADRAIN, saved)


class Monitor:
    """QEMU's machine protocol on a socket."""

    def __init__(self, path):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(30)
        connection.connect(path)
        self.file = connection.makefile("rw")
        self.file.readline()  # its greeting
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        self.file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            line = self.file.readline()
            if not line:
                raise LabError("QEMU ended")
            reply = json.loads(line)
            if "error" in reply:
                raise LabError(f"QEMU's {command}: {reply['error']['desc']}")
            if "return" in reply:
                return reply["return"]


def wait_running(monitor, limit_s):
    """What is sent to the serial port before a saved machine runs is lost."""
    end = time.monotonic() + limit_s
    while not monitor.ask("query-status")["running"]:
        if time.monotonic() > end:
            raise LabError("it does not run")
        time.sleep(0.05)


def status_of(machine):
    """The status that dom0 left, if QEMU ended in the way that goes with it."""
    try:
        with open(f"{machine.work}/share/status", encoding="ascii") as file:
            status = int(file.read())
    except (OSError, ValueError) as error:
        raise LabError("the machine ended without a status") from error
    expected = 0x21 if status == 0 else 0x23
    if machine.process.returncode != expected:
        raise LabError(f"QEMU ended with {machine.process.returncode}, not {expected} as for status {status}")
    return status


def wire_options(wire):
    if not wire:
        return []
    folder, own, other = wire.rsplit(":", 2)
    return [
        "-netdev", f"dgram,id=wire,local.type=unix,local.path={folder}/{own},remote.type=unix,remote.path={folder}/{other}",
        "-device", f"virtio-net-pci,netdev=wire,romfile=,mac=52:54:00:00:00:{ord(own[0]):02x}",
    ]  # fmt: skip


def start_cold(args):
    drive, more = cold_options(args.image)
    machine = Machine(args.image, args.work, args.serial_log, drive, more + wire_options(args.wire))
    try:
        machine.wait_line(READY, BOOT_LIMIT_S)
        machine.go()
    except BaseException:
        machine.close()
        raise
    return machine


def start_saved(args):
    """The saved machine, going; None when that does not work."""
    machine = Machine(args.image, args.work, args.serial_log, *saved_options(args.saved))
    try:
        wait_running(Monitor(f"{machine.work}/monitor"), GO_LIMIT_S)
        machine.go()
    except (LabError, OSError) as error:
        machine.close()
        print(f"lab: the saved machine does not start ({error}); booting", file=sys.stderr)
        shutil.rmtree(args.saved, ignore_errors=True)
        return None
    except BaseException:
        machine.close()
        raise
    return machine


def run(args):
    started = time.monotonic()
    machine = (start_saved(args) if args.saved else None) or start_cold(args)
    try:
        print(f"lab: dom0 is up after {time.monotonic() - started:.1f} s", file=sys.stderr, flush=True)
        if args.interactive:
            machine.relay()
            machine.process.wait()
        elif not machine.follow(time.monotonic() + args.time_limit):
            print(f"lab: stopped after the time limit of {args.time_limit} s", file=sys.stderr)
            return TIMED_OUT
        return status_of(machine)
    finally:
        machine.close()


def save_ram(monitor, path):
    monitor.ask("migrate-set-parameters", **{"max-bandwidth": 1 << 40})
    monitor.ask("migrate", uri=f"exec:cat > {shlex.quote(path)}")
    end = time.monotonic() + SAVE_LIMIT_S
    while (status := monitor.ask("query-migrate").get("status")) != "completed":
        if status in ("failed", "cancelled") or time.monotonic() > end:
            raise LabError(f"the machine cannot be saved: {status}")
        time.sleep(0.1)


def save(args):
    work = tempfile.mkdtemp(prefix="xvlab.")
    os.makedirs(f"{work}/share")
    os.makedirs(args.dir)
    backing = os.path.relpath(f"{args.image}/root.ext4", args.dir)
    overlay = f"{args.dir}/root.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", backing, overlay], check=True)
    try:
        machine = Machine(args.image, work, f"{args.dir}/serial.log", f"format=qcow2,file={overlay}", [])
        try:
            machine.wait_line(READY, BOOT_LIMIT_S)
            monitor = Monitor(f"{work}/monitor")
            save_ram(monitor, f"{args.dir}/ram")
            monitor.ask("quit")
            machine.process.wait(60)
        finally:
            machine.close()
    finally:
        shutil.rmtree(work)
    return 0


def arguments():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("run")
    command.add_argument("image")
    command.add_argument("work")
    command.add_argument("--saved")
    command.add_argument("--time-limit", type=int, default=900)
    command.add_argument("--serial-log", default=os.devnull)
    command.add_argument("--interactive", action="store_true")
    command.add_argument("--wire")
    command.set_defaults(function=run)
    command = commands.add_parser("save")
    command.add_argument("image")
    command.add_argument("dir")
    command.set_defaults(function=save)
    return parser.parse_args()


def main():
    args = arguments()
    die_with_parent(signal.SIGTERM)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    try:
        return args.function(args)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return LAB_FAILED
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
