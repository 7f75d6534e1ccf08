"""Keeps the engine alive exactly as long as the process that started it; run as a program, never imported.

Standard input is a pipe that only the starter has open. It ends when the starter closes it, exits, or is killed by any
signal. Then the engine, its workers and their children are killed, and the private folder is removed. Only a second
process can clean up after kill -9, on Linux and on macOS.

A handler may start a process that leaves the engine's process group. On Linux such a process, when its parent is gone,
becomes a child of this one (PR_SET_CHILD_SUBREAPER), so that it can be found and killed. Elsewhere it is not found.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time

_PR_SET_CHILD_SUBREAPER = 36
_KILL_SECONDS = 3.0  # a process that hangs in the kernel for longer cannot be killed


def main() -> int:
    """Run `argv[2:]` in a process group of its own until standard input ends, then remove the folder `argv[1]`."""
    folder, command = sys.argv[1], sys.argv[2:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the starter handles Ctrl-C
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    adopt_orphans()
    log = open_log(folder)
    engine = subprocess.Popen(  # noqa: S603  (our own engine)
        command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
    )
    os.close(log)
    # So that no orphan stays a zombie. It is set only now, because the engine would inherit it.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with contextlib.suppress(OSError):  # the starter may have ended already
        print(engine.pid, flush=True)
    try:
        sys.stdin.buffer.read()
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(engine.pid, signal.SIGKILL)
        kill_descendants()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def open_log(folder: str) -> int:
    """Open the engine's log; if the disk is full open /dev/null, so that the engine starts and can report it."""
    try:
        return os.open(os.path.join(folder, "engine.log"), os.O_CREAT | os.O_WRONLY)  # noqa: PTH118  (pathlib: 10 ms)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)


def adopt_orphans() -> None:
    """Become the parent of processes whose own parent ends before them."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill_descendants() -> None:
    """Kill every process below this one, until there is none: this process adopts the children of a killed one."""
    deadline = time.monotonic() + _KILL_SECONDS
    while (pids := descendants()) and time.monotonic() < deadline:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)


def descendants() -> set[int]:
    """The ids of all processes below this one, from /proc; none if there is no /proc."""
    parents = {}
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():  # noqa: PTH112, PTH208  (pathlib: 10 ms)
        with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{int(name)}/stat", "rb") as stat:  # noqa: PTH123  (pathlib: 10 ms)
            parents[int(name)] = int(stat.read().rpartition(b")")[2].split()[1])
    found: set[int] = set()
    while more := {pid for pid, parent in parents.items() if parent in found | {os.getpid()}} - found:
        found |= more
    return found


if __name__ == "__main__":
    sys.exit(main())
