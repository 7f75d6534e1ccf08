"""Writes templates into a folder, reads, resolves and judges them."""

import json
from types import SimpleNamespace

import pytest

from lambda_destinations.template import Given, read_flow, read_stacks, refusals, resolve_app

TRUST = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}


def arn(logical_id):
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def base():
    """Return resources that AWS takes: a function whose failures go to a queue, and more."""
    return {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {}},
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {}},
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {}},
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orders"}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}},
        "Fn": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Role": arn("Role"),
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Code": {"ZipFile": "def handler(event, context): pass"},
            },
        },
        "Config": {
            "Type": "AWS::Lambda::EventInvokeConfig",
            "Properties": {
                "FunctionName": {"Ref": "Fn"},
                "Qualifier": "$LATEST",
                "DestinationConfig": {"OnFailure": {"Destination": arn("Queue")}},
            },
        },
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {"source": ["lambda"]},
                "Targets": [{"Id": "T", "Arn": arn("Queue")}],
            },
        },
    }


@pytest.fixture
def judge(tmp_path):
    """Return a function that writes a template (as text or as resources) and returns what was read from it."""

    def judged(resources=None, *, given=None, name="Stack.json", text=None, **sections):
        path = tmp_path / name
        path.write_text(json.dumps({"Resources": resources, **sections}) if text is None else text)
        app = resolve_app(read_stacks(path), given or Given(region="eu-west-1", account="111111111111"))
        flow = read_flow(app)
        return SimpleNamespace(app=app, only=app[0], flow=flow, findings=refusals(app, flow))

    return judged
