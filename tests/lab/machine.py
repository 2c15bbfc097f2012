#!/usr/bin/env python3
"""Runs the lab's machine: QEMU with Xen and dom0 in it.

machine.py IMAGE SHARE [--cold] [--time-limit S] [--serial-log F] [--interactive]
    SHARE holds in.tar (unpacked in dom0), run (a shell script, run in dom0) and out (a folder). What run prints
    comes out here; the exit status is run's own, 124 after the time limit, 125 when the lab itself fails.
"""
import argparse
import ctypes
import os
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
XEN_ARGS = (
    f"placeholder com1=115200,8n1 console=com1 dom0_mem={DOM0_MIB}M,max:{DOM0_MIB}M dom0_max_vcpus=2 bootscrub=0 "
    "loglvl=warning guest_loglvl=warning sched=credit2 spec-ctrl=no xpti=no"
)
KERNEL_ARGS = "console=hvc0 root=/dev/ram0 rdinit=/init quiet mitigations=off nokaslr panic=1"
TIMED_OUT = 124
LAB_FAILED = 125
BOOT_LIMIT_S = 300


class LabError(Exception):
    """The lab, not what ran in it, went wrong."""


def qemu_command(image, share, work):
    """The whole command line; the serial port is the socket WORK/serial."""
    return [
        "qemu-system-x86_64", "-accel", "tcg,thread=multi,tb-size=512", "-machine", "q35",
        "-cpu", "qemu64,+svm,+npt", "-smp", "2", "-m", str(MEMORY_MIB),
        "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
        "-chardev", f"socket,id=serial,path={work}/serial", "-serial", "chardev:serial",
        "-kernel", f"{image}/xen", "-append", XEN_ARGS,
        "-initrd", f"{image}/vmlinux {KERNEL_ARGS},{image}/initrd",
        "-drive", f"file={image}/root.ext4,if=virtio,format=raw,snapshot=on,cache=unsafe",
        "-virtfs", f"local,path={share},mount_tag=host,security_model=none,multidevs=remap",
        "-device", "virtio-serial-pci", "-chardev", f"file,id=output,path={work}/output",
        "-device", "virtserialport,nr=1,chardev=output,name=output",
        "-device", "virtio-rng-pci",
        "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
    ]  # fmt: skip


def die_with_parent():
    """In the child: killed when this process ends in whatever way (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Machine:
    """One QEMU process, its serial port and its output."""

    def __init__(self, image, share, serial_log):
        self.work = tempfile.mkdtemp(prefix="xvlab.")
        self.log = open(serial_log, "wb")
        self.seen = b""
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(f"{self.work}/serial")
        listener.listen(1)
        listener.settimeout(30)
        open(f"{self.work}/output", "wb").close()
        self.output = open(f"{self.work}/output", "rb")
        self.process = subprocess.Popen(
            qemu_command(image, share, self.work), stdin=subprocess.DEVNULL, preexec_fn=die_with_parent
        )
        try:
            self.serial = listener.accept()[0]
        except OSError as error:
            self.close()
            raise LabError("QEMU did not start") from error
        listener.close()

    def close(self):
        """Nothing of it is left afterwards."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.work, ignore_errors=True)

    def read_serial(self, wait_s):
        """The bytes that came within wait_s; None when the machine has gone."""
        if not select.select([self.serial], [], [], wait_s)[0]:
            return b""
        data = self.serial.recv(65536)
        self.log.write(data)
        self.log.flush()
        return data or None

    def wait_ready(self, limit_s):
        end = time.monotonic() + limit_s
        seen = b""
        while READY not in seen:
            data = self.read_serial(1)
            if data is None:
                raise LabError("the machine ended while it was starting")
            if time.monotonic() > end:
                raise LabError(f"the machine was not up after {limit_s} s")
            seen = seen[-64:] + data

    def go(self):
        """dom0 goes on; it learns the time, and randomness of its own (a saved machine starts from the same state)."""
        self.serial.sendall(f"go {time.time():.0f} {secrets.token_hex(32)}\n".encode())

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


def status_of(machine, share):
    """The status that dom0 left, if QEMU ended in the way that goes with it."""
    try:
        with open(f"{share}/status", encoding="ascii") as file:
            status = int(file.read())
    except (OSError, ValueError) as error:
        raise LabError("the machine ended without a status") from error
    expected = 0x21 if status == 0 else 0x23
    if machine.process.returncode != expected:
        raise LabError(f"QEMU ended with {machine.process.returncode}, not {expected} as for status {status}")
    return status


def run(args):
    started = time.monotonic()
    machine = Machine(args.image, args.share, args.serial_log)
    try:
        machine.wait_ready(min(BOOT_LIMIT_S, args.time_limit))
        print(f"lab: dom0 is up after {time.monotonic() - started:.1f} s", file=sys.stderr, flush=True)
        machine.go()
        if args.interactive:
            machine.relay()
            machine.process.wait()
        elif not machine.follow(started + args.time_limit):
            print(f"lab: stopped after the time limit of {args.time_limit} s", file=sys.stderr)
            return TIMED_OUT
        return status_of(machine, args.share)
    finally:
        machine.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("image")
    parser.add_argument("share")
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--time-limit", type=int, default=900)
    parser.add_argument("--serial-log", default=os.devnull)
    parser.add_argument("--interactive", action="store_true")
    args = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    try:
        return run(args)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return LAB_FAILED
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
