"""Type checkers take a user's code as it stands, and refuse a user's mistakes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TYPING = Path(__file__).parents[1] / "typing"
MISTAKES = {
    number
    for number, line in enumerate((TYPING / "user_mistakes.py").read_text().splitlines(), 1)
    if line.endswith("# error")
}


def mypy(path, tmp_path):
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--output=json", f"--cache-dir={tmp_path}"]
    run = subprocess.run([*command, str(path)], capture_output=True, text=True, cwd=tmp_path, check=False)
    found = [json.loads(line) for line in run.stdout.splitlines()]
    assert run.returncode == bool(found), run.stdout + run.stderr
    return [(error["line"], error["message"]) for error in found if error["severity"] == "error"]


def pyright(path, tmp_path):
    settings = {"include": [str(path)], "typeCheckingMode": "strict"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, env=os.environ)
    report = json.loads(run.stdout)
    assert report["summary"]["filesAnalyzed"] == 1, report
    errors = [error for error in report["generalDiagnostics"] if error["severity"] == "error"]
    return [(error["range"]["start"]["line"] + 1, error["message"]) for error in errors]


@pytest.mark.parametrize("check", [mypy, pyright])
def test_a_users_code_needs_no_cast_and_no_ignore(check, tmp_path):
    assert check(TYPING / "user_code.py", tmp_path) == []


@pytest.mark.parametrize("check", [mypy, pyright])
def test_a_users_mistakes_are_found(check, tmp_path):
    assert {line for line, _ in check(TYPING / "user_mistakes.py", tmp_path)} == MISTAKES
