"""Records in a queue and a bucket of the local engine, and a function that writes down which events it was given."""

import json
import os
import time
import uuid

import pytest

# Neither boto3 nor a call to the engine: it starts a process for each event that runs at the same time, and of 60 that
# import boto3 and send a message, on a machine with two busy cores, some were missing when the test stopped looking.
CODE = """
import json, os
def handler(event, context):
    file = os.open(os.environ["ARRIVED"], os.O_WRONLY | os.O_APPEND)
    os.write(file, (json.dumps(event) + "\\n").encode())  # one call, which processes do not interleave
    os.close(file)
"""


class World:
    """The engine, a queue of failures, and what has arrived at the function."""

    def __init__(self, aws, log):
        self.aws, self.url = aws, aws.endpoint_url
        self.sqs, self.s3 = aws.client("sqs"), aws.client("s3")
        self.name, self.bucket = f"failures-{uuid.uuid4().hex[:8]}", f"failures-{uuid.uuid4().hex[:8]}"
        self.queue = self.sqs.create_queue(QueueName=self.name)["QueueUrl"]
        self.s3.create_bucket(Bucket=self.bucket)
        self.log = log
        log.touch()

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
        found, quiet = self._logged(), 0
        while len({json.dumps(each) for each in found}) < count and quiet < patience:
            time.sleep(1)
            before, found = found, self._logged()
            quiet = 0 if len(found) > len(before) else quiet + 1
        return found

    def _logged(self):
        return [json.loads(line) for line in self.log.read_text().splitlines(keepends=True) if line.endswith("\n")]


@pytest.fixture
def world(local_aws, tmp_path, monkeypatch):
    for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    world = World(local_aws, tmp_path / "arrived")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}}
    function = {
        "FunctionName": "redriven",
        "Code": {"ZipFile": CODE},
        "Handler": "index.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Runtime": "python3.12",
        "Timeout": 300,
        "Environment": {"Variables": {"ARRIVED": str(world.log)}},
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
