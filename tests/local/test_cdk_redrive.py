"""The app of the Redrive construct, run: failed events go round until they have failed too often."""

import json

import pytest

pytest.importorskip("aws_cdk.aws_lambda", reason="needs a CDK: run it with tox -e v1 or -e v2")

import aws_cdk.aws_lambda as lambda_
import aws_cdk.aws_s3 as s3
import aws_cdk.aws_sqs as sqs

import lambda_destinations as destinations
from lambda_destinations import envelopes
from local.test_cdk_apps import deploy
from support.cdk import function

CODE = """
def handler(event, context):
    if event["fail"]:
        raise ValueError("not yet")
"""


def failing(stack, on_failure):
    code = lambda_.Code.from_inline(CODE)
    return function(stack, "Fn", code=code, retry_attempts=0, on_failure=on_failure)


def test_an_event_that_keeps_failing_is_redriven_twice_and_then_quarantined(local_aws, tmp_path):
    def build(stack):
        failures = sqs.Queue(stack, "Failures")
        fn = failing(stack, destinations.SqsDestination(failures))
        destinations.Redrive(stack, "Redrive", source=failures, targets=[fn], max_redrives=2, enabled=True)

    app = deploy(local_aws, tmp_path, build)
    run = app.invoke("Fn", {"fail": True})
    assert [each.function.label for each in run.all_runs] == ["Fn", "Function"] * 3
    assert [each.record.request_payload for each in run.all_runs[::2]] == [{"fail": True}] * 3
    lines = [
        json.loads(line) for each in run.all_runs for log in each.logs for line in log.splitlines() if "id" in line
    ]
    assert [each["event"] for each in lines] == ["sent", "sent", "quarantined"]
    url = app.resource("Redrive/Quarantine").physical_id
    (message,) = local_aws.client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"])["requestPayload"] == {"fail": True}


def test_a_bucket_is_redriven_by_a_task_of_s3_batch_operations(local_aws, tmp_path):
    def build(stack):
        failures = s3.Bucket(stack, "Failures")
        fn = failing(stack, destinations.S3Destination(failures))
        destinations.Redrive(stack, "Redrive", source=failures, targets=[fn])

    app = deploy(local_aws, tmp_path, build)
    run = app.invoke("Fn", {"fail": True})
    (record,) = run.delivered_to("Failures")
    client, bucket = local_aws.client("s3"), app.resource("Failures").physical_id
    (key,) = [each["Key"] for each in client.list_objects_v2(Bucket=bucket)["Contents"]]
    assert envelopes.s3_object(record).body == client.get_object(Bucket=bucket, Key=key)["Body"].read()
    task = {"taskId": "1", "s3Key": key, "s3VersionId": None, "s3BucketArn": f"arn:aws:s3:::{bucket}"}
    event = {"invocationSchemaVersion": "1.0", "invocationId": "1", "job": {"id": "1"}, "tasks": [task]}
    redriven = app.invoke("Redrive/Function", event)
    assert redriven.response_payload["results"][0]["resultCode"] == "Succeeded"
    assert [each.condition for each in redriven.all_runs][1] == "RetriesExhausted"
    keys = [each["Key"] for each in client.list_objects_v2(Bucket=bucket)["Contents"]]
    assert key not in keys
