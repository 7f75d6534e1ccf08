"""The README's first command, and the template of its app, kept as users would keep theirs."""

import subprocess
import sys
from pathlib import Path

import pytest
from syrupy.extensions.json import JSONSnapshotExtension

from support.cdk import CDK_VERSION, V1, read_templates

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def cdk_out(tmp_path_factory):
    home = tmp_path_factory.mktemp("example")
    subprocess.run([sys.executable, str(HERE / "app.py"), "cdk.out"], check=True, cwd=home)
    return home / "cdk.out"


def test_the_flow_is_read_from_the_template(cdk_out):
    flow = subprocess.run(
        [sys.executable, str(HERE / "flow.py"), str(cdk_out)], check=True, capture_output=True, text=True
    )
    default_bus = "the default event bus"
    assert flow.stdout.splitlines() == [
        "Destination sends its record on success to Queue",
        f"Source sends its record on success to {default_bus}, whose rule hands the response alone to Destination",
        "Source sends its record on failure to Failures",
        "Audited sends its record on success to Bus",
        "Audited sends its record on failure to Topic",
        "Repaired sends its record on success to the default event bus",
        "Repaired sends its record on failure to Destination",
    ]


@pytest.mark.skipif(((1, 200) if V1 else (2, 200)) > CDK_VERSION, reason="one snapshot for v1, one for v2")
def test_the_template_is_the_snapshot(cdk_out, snapshot):
    kept = snapshot(extension_class=JSONSnapshotExtension, name="v1" if V1 else "v2")
    assert read_templates(cdk_out)["Example.template.json"] == kept
