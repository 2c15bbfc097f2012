#!/usr/bin/env python3
"""console.py SECONDS PATTERN [TEXT PATTERN] -- COMMAND...: runs COMMAND on a terminal of its own, waits until it has printed
something that matches PATTERN, types TEXT, waits for the second PATTERN, then leaves with ^]. Prints what is seen, at once."""
import os, pty, re, select, sys, time


def main():
    dashes = sys.argv.index('--')
    seconds, words, command = float(sys.argv[1]), sys.argv[2:dashes], sys.argv[dashes + 1:]
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    end, seen = time.monotonic() + seconds, ''

    def wait(pattern):
        nonlocal seen
        start = len(seen)
        while not re.search(pattern, seen[start:]):
            left = end - time.monotonic()
            if left <= 0 or not select.select([fd], [], [], left)[0]:
                sys.exit(f'\nno {pattern!r} within {seconds:g} s')
            try:
                got = os.read(fd, 65536)
            except OSError:
                got = b''
            if not got:
                sys.exit(f'\nended before {pattern!r}')
            seen += got.decode(errors='replace')
            os.write(1, got)
    wait(words[0])
    if len(words) > 1:
        os.write(fd, (words[1] + '\n').encode())
        wait(words[2])
    os.write(fd, b'\x1d')
    end = time.monotonic() + 10
    while True:  # what it still prints is read, or it would wait for us
        try:
            while select.select([fd], [], [], 0.02)[0] and os.read(fd, 65536):
                pass
        except OSError:
            pass
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        if time.monotonic() > end:
            os.kill(pid, 9)
            sys.exit('does not leave the console')
    return os.waitstatus_to_exitcode(status)


sys.exit(main())
