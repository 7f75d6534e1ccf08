"""What an import of the package loads."""

import subprocess
import sys


def test_importing_it_loads_nothing_heavy():
    """PyYAML, cfn-lint and SAM are loaded for templates that need them; the CDK, boto3 and the engine never are."""
    heavy = {"aws_cdk", "boto3", "botocore", "cfnlint", "jsii", "lambda_destinations.local", "samtranslator", "yaml"}
    program = f"import sys, lambda_destinations.template; print(sorted({heavy!r} & sys.modules.keys()))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_judging_a_template_in_json_loads_nothing_heavy(tmp_path):
    """The schemas are read from the files of cfn-lint, because to import it takes most of a second."""
    path = tmp_path / "t.json"
    path.write_text('{"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 901}}}}')
    program = (
        "import sys, pathlib; from lambda_destinations.template import *; "
        "app = resolve_app(read_stacks(pathlib.Path(sys.argv[1]))); print([each.code for each in refusals(app)], "
        "sorted({'boto3', 'cfnlint', 'samtranslator', 'yaml'} & sys.modules.keys()))"
    )
    run = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "['schema-range'] []"
