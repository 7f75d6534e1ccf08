"""Faults in templates that are written for SAM are found where the user wrote them."""

import subprocess
import sys
from pathlib import Path

import pytest

from lambda_destinations.lint import check

HEAD = "AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\nResources:\n"
QUEUE = "  Failures:\n    Type: AWS::SQS::Queue\n"
FUNCTION = """\
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: 'def handler(event, context): return event'
"""
TO_QUEUE = """\
      EventInvokeConfig:
        MaximumRetryAttempts: 0
        DestinationConfig:
          OnFailure:
            Type: SQS
            Destination: !GetAtt Failures.Arn
"""
CLEAN = HEAD + QUEUE + FUNCTION + TO_QUEUE
FAULTS = {
    "fifo": (CLEAN.replace(QUEUE, f"{QUEUE}    Properties:\n      FifoQueue: true\n"), "ELD101", "Destination"),
    "bucket_on_success": (
        HEAD
        + "  Bucket:\n    Type: AWS::S3::Bucket\n"
        + FUNCTION
        + "      Policies: [AmazonS3FullAccess]\n"
        + TO_QUEUE.replace("OnFailure", "OnSuccess").replace("SQS", "S3Bucket").replace("Failures.Arn", "Bucket.Arn"),
        "ELD102",
        "Destination",
    ),
    "age": (
        CLEAN.replace("        MaximumRetryAttempts: 0\n", "        MaximumEventAgeInSeconds: 60\n"),
        "WLD209",
        "MaximumEventAgeInSeconds",
    ),
    "only_synchronous": (
        CLEAN
        + "      Events:\n        Work:\n          Type: SQS\n"
        + "          Properties:\n            Queue: !GetAtt Work.Arn\n"
        + "  Work:\n    Type: AWS::SQS::Queue\n",
        "WLD302",
        "DestinationConfig",
    ),
    "key": (
        CLEAN.replace(QUEUE, f"{QUEUE}    Properties:\n      KmsMasterKeyId: !GetAtt Key.Arn\n")
        + "  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy:\n        Version: '2012-10-17'\n"
        + "        Statement:\n        - Effect: Allow\n          Action: kms:*\n          Resource: '*'\n"
        + "          Principal: {AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'}\n",
        "ELD201",
        "Destination",
    ),
}


def line_of(text, last):
    return next(n for n, line in enumerate(text.splitlines(), 1) if line.strip().startswith(f"{last}:"))


def test_the_permissions_that_sam_grants_are_enough(tmp_path):
    (tmp_path / "template.yaml").write_text(CLEAN)
    report = check([tmp_path / "template.yaml"])
    assert report.problems == ()
    assert report.configurations == 1


@pytest.mark.parametrize("name", FAULTS)
def test_the_fault_is_found_at_its_line(name, tmp_path):
    text, rule, last = FAULTS[name]
    (tmp_path / "template.yaml").write_text(text)
    found = check([tmp_path / "template.yaml"]).problems
    assert [(each.id, each.line, each.property.split("/")[:2]) for each in found] == [
        (rule, line_of(text, last), ["Resources", "Orders"])
    ]


def test_cfn_lint_with_the_rules_appended_finds_the_faults(tmp_path):
    for name, (text, _, _) in FAULTS.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    command = [Path(sys.executable).with_name("cfn-lint"), "-a", "lambda_destinations.lint", "--format", "parseable"]
    run = subprocess.run(
        [str(part) for part in (*command, *tmp_path.glob("*.yaml"))], capture_output=True, text=True, check=False
    )
    found = {(line.split(":")[0].rsplit("/", 1)[-1], line.split(":")[5]) for line in run.stdout.splitlines()}
    assert {(f"{name}.yaml", rule) for name, (_, rule, _) in FAULTS.items()} <= found
