"""Keeps the engine alive exactly as long as whoever started it; run as a program, never imported.

Standard input is a pipe that only the starter holds: it ends when the starter closes it, exits, or is killed by any
signal. Then the engine and its workers are killed and the private folder is removed. A second process is the only way
to clean up after kill -9, on Linux and macOS alike.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys


def main() -> int:
    """Run `argv[2:]` in a process group of its own until standard input ends, then remove the folder `argv[1]`."""
    folder, command = sys.argv[1], sys.argv[2:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the starter's to answer
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with open(os.path.join(folder, "engine.log"), "wb") as log:  # noqa: PTH118, PTH123 (pathlib costs 10 ms here)
        engine = subprocess.Popen(  # noqa: S603 (our own engine)
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    print(engine.pid, flush=True)
    try:
        sys.stdin.buffer.read()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(engine.pid, signal.SIGKILL)
        engine.wait()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
