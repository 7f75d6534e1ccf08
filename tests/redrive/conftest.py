"""Records in a queue and a bucket of the local engine, and a function that says which events it was given."""

import json
import os
import uuid

import pytest

CODE = """
import json, os, boto3
client = boto3.client("sqs")
def handler(event, context):
    client.send_message(QueueUrl=os.environ["ARRIVED"], MessageBody=json.dumps(event))
"""


class World:
    """The engine, a queue of failures, and what has arrived at the function."""

    def __init__(self, aws):
        self.aws, self.url = aws, aws.endpoint_url
        self.sqs, self.s3 = aws.client("sqs"), aws.client("s3")
        self.name, self.bucket = f"failures-{uuid.uuid4().hex[:8]}", f"failures-{uuid.uuid4().hex[:8]}"
        self.queue = self.sqs.create_queue(QueueName=self.name)["QueueUrl"]
        self.s3.create_bucket(Bucket=self.bucket)
        self.arrived_url = self.sqs.create_queue(QueueName=f"arrived-{uuid.uuid4().hex[:8]}")["QueueUrl"]

    def put(self, *bodies):
        for start in range(0, len(bodies), 10):
            entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies[start : start + 10])]
            self.sqs.send_message_batch(QueueUrl=self.queue, Entries=entries)

    def visible(self, url=None):
        """What anybody can receive now; taken out of sight for a minute."""
        found = []
        while True:
            messages = self.sqs.receive_message(
                QueueUrl=url or self.queue, MaxNumberOfMessages=10, VisibilityTimeout=60
            ).get("Messages", [])
            if not messages:
                return found
            found += [message["Body"] for message in messages]

    def arrived(self, count, *, patience=40):
        """The events that came to the function, once `count` different ones have, or nothing more comes."""
        found, empty = [], 0
        while len({json.dumps(each) for each in found}) < count and empty < patience:
            messages = self.sqs.receive_message(
                QueueUrl=self.arrived_url, MaxNumberOfMessages=10, WaitTimeSeconds=1, VisibilityTimeout=600
            ).get("Messages", [])
            empty = 0 if messages else empty + 1
            found += [json.loads(message["Body"]) for message in messages]
        return found


@pytest.fixture
def world(local_aws, tmp_path, monkeypatch):
    for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    world = World(local_aws)
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    policy = {"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}], "Version": "2012-10-17"}
    role = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [{"PolicyName": "own", "PolicyDocument": policy}],
    }
    function = {
        "FunctionName": "redriven",
        "Code": {"ZipFile": CODE},
        "Handler": "index.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Runtime": "python3.12",
        "Timeout": 300,
        "Environment": {"Variables": {"ARRIVED": world.arrived_url}},
    }
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Fn": {"Type": "AWS::Lambda::Function", "Properties": function},
    }
    path = tmp_path / "Stack.template.json"
    path.write_text(json.dumps({"Resources": resources}))
    local_aws.deploy(path)
    assert os.environ["AWS_DEFAULT_REGION"] == "us-east-1"
    return world
