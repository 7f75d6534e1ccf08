"""Type checkers accept a user's code without changes, and find a user's mistakes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import lambda_destinations

HERE = Path(__file__).parent
USER_CODE, MISTAKES = HERE / "user_code.py", HERE / "user_mistakes.py"
LINES_WITH_A_MISTAKE = {n for n, line in enumerate(MISTAKES.read_text().splitlines(), 1) if line.endswith("# error")}
OURS = Path(lambda_destinations.__file__).parent / "cdk"
CDK_MODULE = re.compile(r"^ *(?:import|from) (aws_cdk[\w.]*)", re.MULTILINE)


def mypy_config():
    """Strict. Of the CDK, only the modules that the user or we import are followed: all of it takes a minute."""
    sources = [USER_CODE, *OURS.glob("*.py")]
    modules = {"aws_cdk", *(name for each in sources for name in CDK_MODULE.findall(each.read_text()))}
    read = "".join(f"[mypy-{name}]\nfollow_imports = silent\n" for name in sorted(modules))
    return f"[mypy]\nstrict = True\n[mypy-aws_cdk.*]\nfollow_imports = skip\n{read}"


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """Run each checker once on both files."""
    home = tmp_path_factory.mktemp("user")
    for path in (USER_CODE, MISTAKES):
        (home / path.name).write_text(path.read_text())
    (home / "mypy.ini").write_text(mypy_config())
    (home / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "strict"}))

    def run(*command):
        return subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, cwd=home, check=False)

    mypy = run("mypy", "--config-file=mypy.ini", "--output=json", USER_CODE.name, MISTAKES.name)
    assert mypy.returncode == 1, mypy.stdout + mypy.stderr
    pyright = run("pyright", "--outputjson", "--pythonpath", sys.executable)
    report = json.loads(pyright.stdout)
    assert report["summary"]["filesAnalyzed"] == 2, report
    return {
        "mypy": [
            (found["file"], found["line"], found["message"])
            for found in map(json.loads, mypy.stdout.splitlines())
            if found["severity"] == "error"
        ],
        "pyright": [
            (Path(found["file"]).name, found["range"]["start"]["line"] + 1, found["message"])
            for found in report["generalDiagnostics"]
            if found["severity"] == "error"
        ],
    }


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_a_users_code_needs_no_cast_and_no_ignore(checker, checked):
    assert [found for found in checked[checker] if found[0] == USER_CODE.name] == []


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_a_users_mistakes_are_found(checker, checked):
    assert {line for file, line, _ in checked[checker] if file == MISTAKES.name} == LINES_WITH_A_MISTAKE
