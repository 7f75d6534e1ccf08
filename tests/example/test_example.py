"""The README's first command, and the template of the example app as a snapshot."""

import subprocess
import sys
from pathlib import Path

import pytest
from syrupy.extensions.json import JSONSnapshotExtension

from lambda_destinations.lint import check
from support.cdk import CDK_VERSION, V1, read_templates

HERE = Path(__file__).parent
README = HERE.parents[1] / "README.md"


@pytest.fixture(scope="module")
def cdk_out(tmp_path_factory):
    home = tmp_path_factory.mktemp("example")
    subprocess.run([sys.executable, str(HERE / "app.py"), "cdk.out"], check=True, cwd=home)
    return home / "cdk.out"


def test_check_finds_nothing(cdk_out):
    report = check([cdk_out])
    assert report.problems == ()
    assert report.configurations == 5


@pytest.mark.skipif(((1, 200) if V1 else (2, 200)) > CDK_VERSION, reason="one snapshot for v1, one for v2")
def test_the_template_is_the_snapshot(cdk_out, snapshot):
    kept = snapshot(extension_class=JSONSnapshotExtension, name="v1" if V1 else "v2")
    assert read_templates(cdk_out)["Example.template.json"] == kept
