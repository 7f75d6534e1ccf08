"""The wheel installs, bare and with each extra, by old pips, the newest one, and uv."""

import subprocess
import sys
import venv
import zipfile
from email.parser import HeaderParser
from html import escape
from pathlib import Path

import pytest

# 23.0.1 is Python 3.10's own, 24.1 to 25.2 took extras that look like versions for versions, "" is the newest.
PIPS = ["23.0.1", "24.2", ""]
EXTRAS = ["[cdk-v1]", "[cdk-v2]", "[local]"]  # [local] brings [tools]


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)


@pytest.fixture(scope="session", params=PIPS, ids=lambda version: f"pip-{version or 'newest'}")
def pip(request, tmp_path_factory):
    home = tmp_path_factory.mktemp("pip")
    venv.create(home, with_pip=True)
    executable = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    wanted = f"pip=={request.param}" if request.param else "pip"
    made = run(executable, "-m", "pip", "install", "--quiet", "--upgrade", wanted)
    assert made.returncode == 0, made.stderr
    version = run(executable, "-m", "pip", "--version").stdout.split()[1]
    assert version == request.param or not request.param
    return [executable, "-m", "pip"]


@pytest.mark.parametrize("extra", EXTRAS)
def test_pip_resolves_the_wheel(pip, wheel, extra):
    done = run(*pip, "install", "--dry-run", "--quiet", f"{wheel}{extra}")
    assert done.returncode == 0, done.stderr


def test_pip_installs_the_bare_wheel(pip, wheel, tmp_path):
    done = run(*pip, "install", "--quiet", "--target", tmp_path, wheel)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "lambda_destinations" / "py.typed").is_file()


@pytest.mark.parametrize("extra", ["", *EXTRAS])
def test_uv_resolves_the_wheel(wheel, extra, tmp_path):
    venv.create(tmp_path / "environment")
    python = Path(tmp_path / "environment" / "bin" / "python")
    done = run(sys.executable, "-m", "uv", "pip", "install", "--dry-run", "--python", python, f"{wheel}{extra}")
    assert done.returncode == 0, done.stderr


def test_python_3_9_is_told_that_3_10_is_needed(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        name = next(each for each in archive.namelist() if each.endswith("/METADATA"))
        needed = HeaderParser().parsestr(archive.read(name).decode())["Requires-Python"]
    project = tmp_path / "simple" / "lambda-destinations"
    project.mkdir(parents=True)
    link = (
        f'<a href="{wheel.as_uri()}" data-requires-python="{escape(needed)}">{wheel.name}</a>'  # as an index shows it
    )
    (project / "index.html").write_text(f"<!DOCTYPE html><html><body>{link}</body></html>")
    index = ["--index-url", project.parent.as_uri(), "--isolated"]
    command = ["install", "--dry-run", "--python-version", "3.9", "--only-binary=:all:", "--target", tmp_path / "there"]
    refused = run(sys.executable, "-m", "pip", *command, *index, "lambda-destinations")
    assert refused.returncode != 0
    assert "Requires-Python >=3.10" in refused.stderr
