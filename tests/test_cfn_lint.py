"""cfn-lint, the usual linter for templates, accepts every template that the tests make with our destinations."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

import lambda_destinations as ours
from cdk import test_keys, test_qualified, test_response_only
from parity.test_parity import ALL
from support.cdk import CDK_VERSION, V1, cdk, function, synthesize


def chained(build, app):
    stack = cdk.Stack(app, "Stack")
    build(stack, ours.LambdaDestination(function(stack, "Target"), response_only=True))


BEYOND = [
    *(partial(build, d=ours) for build, _ in test_keys.CASES),
    test_keys.bucket,
    *(partial(chained, build) for build, _ in test_qualified.QUALIFIERS),
    *(test_response_only.built(param.values[0]) for param in test_response_only.KINDS),
    *(test_response_only.built(param.values[0], param.values[-1]) for param in test_response_only.KINDS),
]


@pytest.mark.skipif(((1, 200) if V1 else (2, 200)) > CDK_VERSION, reason="the newest v1 and the newest v2 are enough")
def test_cfn_lint_accepts_every_template(tmp_path):
    apps = [*(partial(param.values[0], d=ours) for param in ALL), *BEYOND]
    written = 0
    for app in apps:
        for name, template in synthesize(app).items():
            if template.get("Resources") and "EventBusPolicy" not in name:  # empty, or made by the CDK only
                (tmp_path / f"{written:03}-{name}").write_text(json.dumps(template))
                written += 1
    assert written > len(apps)
    cfn_lint = Path(sys.executable).with_name("cfn-lint")
    command = [str(cfn_lint), "--format", "parseable", "--non-zero-exit-code", "error", "--"]
    lint = subprocess.run([*command, *map(str, tmp_path.iterdir())], capture_output=True, text=True, check=False)
    assert lint.returncode == 0, lint.stdout + lint.stderr
