"""Each fault is found at its line, without other findings, and the template without the fault is clean."""

import subprocess
import sys
from pathlib import Path

import pytest

from lambda_destinations.lint import check
from lint.faults import FAULTS
from lint.texts import in_json, in_yaml, line_of

WRITERS = {"json": in_json, "yaml": in_yaml}


def written(template, kind, folder):
    path = folder / f"template.{kind}"
    path.write_text(WRITERS[kind](template))
    return path


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_fault_is_the_only_finding(fault, kind, tmp_path):
    path = written(fault.faulty, kind, tmp_path)
    found = check([path]).problems
    assert [(each.id, each.property, each.line) for each in found] == [
        (fault.id, "/".join(map(str, fault.path)), line_of(path.read_text(), fault.path))
    ]


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_template_without_the_fault_is_clean(fault, kind, tmp_path):
    assert check([written(fault.fixed, kind, tmp_path)]).problems == ()


def test_cfn_lint_with_the_rules_appended_finds_the_faults(tmp_path):
    for fault in FAULTS:
        (tmp_path / f"{fault.name}.yaml").write_text(in_yaml(fault.faulty))
    options = ["-a", "lambda_destinations.lint", "--format", "parseable"]
    command = [Path(sys.executable).with_name("cfn-lint"), *options, *tmp_path.glob("*.yaml")]
    run = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    found = {(line.split(":")[0].rsplit("/", 1)[-1], line.split(":")[5]) for line in run.stdout.splitlines()}
    assert {(f"{fault.name}.yaml", fault.id) for fault in FAULTS} <= found
