"""cfn-lint, the field's linter, accepts every template of the parity suite."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import lambda_destinations as ours
from parity.test_parity import ALL
from support.cdk import CDK_VERSION, V1, synthesize


@pytest.mark.skipif(((1, 200) if V1 else (2, 200)) > CDK_VERSION, reason="the newest v1 and the newest v2 are enough")
def test_cfn_lint_accepts_every_template(tmp_path):
    written = 0
    for param in ALL:
        (case,) = param.values
        for name, template in synthesize(lambda app, case=case: case(app, ours)).items():
            if template.get("Resources") and "EventBusPolicy" not in name:  # the CDK's own
                (tmp_path / f"{written:03}-{param.id}-{name}").write_text(json.dumps(template))
                written += 1
    assert written > len(ALL)
    command = [
        str(Path(sys.executable).with_name("cfn-lint")),
        "--format",
        "parseable",
        "--non-zero-exit-code",
        "error",
    ]
    lint = subprocess.run([*command, "--", *map(str, tmp_path.iterdir())], capture_output=True, text=True, check=False)
    assert lint.returncode == 0, lint.stdout + lint.stderr
