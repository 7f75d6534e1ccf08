"""Commands that the tests of the package run."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def python(*command, cwd, executable=sys.executable):
    run = subprocess.run([executable, *command], cwd=cwd, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def built(source, kind, folder):
    python("-m", "build", "--no-isolation", kind, "--outdir", str(folder), str(source), cwd=folder)
    return next(folder.iterdir())
