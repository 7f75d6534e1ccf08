"""What is published: the sdist and the wheel, checked as a package index and a packager check them."""

import re
import shutil
import sysconfig
import venv
import zipfile
from email.parser import HeaderParser
from pathlib import Path

from support.package import ROOT, built, python

LOWEST = int(re.search(r'requires-python = ">=3\.(\d+)"', (ROOT / "pyproject.toml").read_text())[1])
HIGHEST = 13  # the newest Python that the tests run on: .github/workflows/ci.yml


def contents(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_an_index_accepts_both(wheel, sdist):
    python("-m", "twine", "check", "--strict", str(wheel), str(sdist), cwd=wheel.parent)


def test_the_wheel_has_the_contents_of_a_wheel(wheel):
    python("-m", "check_wheel_contents", str(wheel), cwd=wheel.parent)


def test_the_sdist_builds_the_same_wheel(wheel, unpacked, tmp_path):
    assert contents(built(unpacked, "--wheel", tmp_path)) == contents(wheel)


def test_the_wheel_has_every_file_of_the_source(source, wheel):
    kept = {path.relative_to(source / "src").as_posix() for path in (source / "src").rglob("*") if path.is_file()}
    assert kept <= contents(wheel).keys()


def test_the_tests_of_the_sdist_pass(unpacked, wheel, tmp_path):
    home = tmp_path / "environment"
    venv.create(home)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(home)}))
    shutil.unpack_archive(wheel, packages, "zip")
    (packages / "tools.pth").write_text(sysconfig.get_path("purelib"))  # pytest
    executable = Path(sysconfig.get_path("scripts", vars={"base": str(home)})) / "python"
    tests = ["tests/bare", "tests/record"]
    out = python("-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, cwd=unpacked, executable=executable)
    assert " passed" in out


def test_each_tested_python_has_a_classifier(wheel):
    read = contents(wheel)
    metadata = HeaderParser().parsestr(next(read[name] for name in read if name.endswith("/METADATA")).decode())
    wanted = [f"Programming Language :: Python :: 3.{minor}" for minor in range(LOWEST, HIGHEST + 1)]
    assert [each for each in metadata.get_all("Classifier") if "Python :: 3." in each] == wanted
    assert metadata["Author"] or metadata["Author-email"]
