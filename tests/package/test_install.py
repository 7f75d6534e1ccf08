"""The wheel installs, bare and with each extra, by old pips, the newest one, and uv."""

import os
import shutil
import subprocess
import sys
import zipfile
from email.parser import HeaderParser
from html import escape
from pathlib import Path

import pytest

EXTRAS = ["cdk-v1", "cdk-v2", "local", "svg", "tools"]
UV = [sys.executable, "-m", "uv"]


def run(*command, **environment):
    command = [str(part) for part in command]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})


def interpreter(version):
    """Find a Python of that version that starts, on the path or among those of pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = filter(None, [shutil.which(f"python{version}"), *sorted(pyenv.glob(f"versions/{version}.*/bin/python"))])
    return next((each for each in found if run(each, "--version").returncode == 0), None)


OLDEST = interpreter("3.10")
# Python 3.10's own pip, or that version of pip on this Python; on 3.12 and later 23.2.1 is the oldest that starts.
BUNDLED = "bundled-with-3.10" if OLDEST else "23.0.1" if sys.version_info < (3, 12) else "23.2.1"
PIPS = [BUNDLED, "24.2", "newest"]  # 24.1 to 25.2 read extras that look like versions as versions


class Pip:
    """A pip in an environment of its own."""

    def __init__(self, home, version):
        self.python = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        # On 3.10 pip reads metadata through pkg_resources, where markers failed; newer ones do so with this setting.
        self.environment = {"_PIP_USE_IMPORTLIB_METADATA": "0"} if version == BUNDLED else {}
        if version == "bundled-with-3.10":
            made = run(OLDEST, "-m", "venv", home)
        else:
            made = run(*UV, "venv", "--python", sys.executable, home)
            wanted = "pip" if version == "newest" else f"pip=={version}"
            made = run(*UV, "pip", "install", "--python", self.python, wanted) if made.returncode == 0 else made
        assert made.returncode == 0, made.stderr

    def install(self, *arguments):
        return run(self.python, "-m", "pip", "install", *arguments, **self.environment)


@pytest.fixture(scope="session", params=PIPS, ids=lambda version: f"pip-{version}")
def pip(request, tmp_path_factory):
    return Pip(tmp_path_factory.mktemp("pip") / "venv", request.param)


@pytest.mark.skipif(OLDEST is None, reason=f"no Python 3.10 here: pip {BUNDLED} on this Python replaced its own")
def test_the_pip_of_the_oldest_python_is_tested():
    assert PIPS[0] == "bundled-with-3.10"


def metadata(wheel):
    with zipfile.ZipFile(wheel) as archive:
        name = next(each for each in archive.namelist() if each.endswith("/METADATA"))
        return HeaderParser().parsestr(archive.read(name).decode())


def test_every_extra_is_tested(wheel):
    assert sorted(metadata(wheel).get_all("Provides-Extra")) == EXTRAS


@pytest.mark.parametrize("extra", EXTRAS)
def test_pip_resolves_the_wheel(pip, wheel, extra):
    done = pip.install("--dry-run", f"{wheel}[{extra}]")
    assert done.returncode == 0, done.stderr
    brought = done.stdout.splitlines()[-1].lower()
    assert "would install" in brought
    assert {"cdk-v1": "aws-cdk.core-1.", "cdk-v2": "aws-cdk-lib-2.", "local": "ministack-1."}.get(
        extra, "boto3-1."
    ) in brought


def test_pip_installs_the_bare_wheel(pip, wheel, tmp_path):
    done = pip.install("--quiet", "--target", tmp_path, wheel)
    assert done.returncode == 0, done.stderr
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from lambda_destinations import InvocationRecord"
    assert run(pip.python, "-I", "-c", code).returncode == 0


@pytest.mark.parametrize("extra", ["", *(f"[{extra}]" for extra in EXTRAS)])
def test_uv_resolves_the_wheel(wheel, extra, tmp_path):
    assert run(*UV, "venv", "--python", sys.executable, tmp_path / "venv").returncode == 0
    done = run(*UV, "pip", "install", "--dry-run", "--python", tmp_path / "venv", f"{wheel}{extra}")
    assert done.returncode == 0, done.stderr


def test_for_python_3_9_pip_says_that_3_10_is_needed(pip, wheel, tmp_path):
    needed = metadata(wheel)["Requires-Python"]
    project = tmp_path / "simple" / "lambda-destinations"
    project.mkdir(parents=True)
    link = (
        f'<a href="{wheel.as_uri()}" data-requires-python="{escape(needed)}">{wheel.name}</a>'  # as an index shows it
    )
    (project / "index.html").write_text(f"<!DOCTYPE html><html><body>{link}</body></html>")
    index = ["--index-url", project.parent.as_uri(), "--isolated"]
    for_3_9 = ["--dry-run", "--python-version", "3.9", "--only-binary=:all:", "--target", tmp_path / "there"]
    refused = pip.install(*for_3_9, *index, "lambda-destinations")
    assert refused.returncode != 0
    assert "Requires-Python >=3.10" in refused.stderr


@pytest.mark.skipif(interpreter("3.9") is None, reason="no Python 3.9 here: a newer Python was asked about 3.9")
def test_the_pip_of_python_3_9_says_so_too(wheel, tmp_path):
    assert run(interpreter("3.9"), "-m", "venv", tmp_path / "venv").returncode == 0
    refused = run(tmp_path / "venv" / "bin" / "python", "-m", "pip", "install", "--dry-run", wheel)
    assert refused.returncode != 0
    assert "requires a different Python: 3.9" in refused.stderr
    assert "not in '>=3.10'" in refused.stderr
