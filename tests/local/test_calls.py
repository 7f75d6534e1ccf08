"""Asynchronous invocations by a handler: they are followed with their destinations, as part of its run."""

import pytest

from local.conftest import arn

CALL = """
import boto3
def handler(event, context):
    boto3.client("lambda").invoke(FunctionName={name!r}, InvocationType="Event", Payload=b'{{"from": "handler"}}')
    return "called"
"""
FAILING = "def handler(event, context): raise ValueError('no')"


def app(template, name="failing", allow="*", code=FAILING):
    template.queue(QueueName="failures")
    template.function("Caller", CALL.format(name=name), allow={"lambda:InvokeFunction": allow})
    template.function("Failing", code, FunctionName="failing", allow={"sqs:SendMessage": arn("Queue")})
    template.configure("Failing", on_failure=arn("Queue"))
    return template.write()


@pytest.mark.parametrize(
    "name", ["failing", "failing:$LATEST", "arn:aws:lambda:us-east-1:000000000000:function:failing"]
)
def test_a_function_that_a_handler_invokes_is_followed_to_the_end(local_aws, template, name):
    """With its retries and its destination. The engine does not deliver a second record."""
    run = local_aws.deploy(app(template, name)).invoke("Caller")
    run.assert_delivered()
    [child] = run.invoked_runs
    assert (child.condition, child.attempts) == ("RetriesExhausted", 3)
    [record] = run.delivered_to("Queue")
    assert record.request_payload == {"from": "handler"}
    assert len(run.all_runs) == 2
    client = local_aws.client("sqs")
    url = client.get_queue_url(QueueName="failures")["QueueUrl"]
    read = client.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    assert read["Attributes"]["ApproximateNumberOfMessages"] == "1"
    assert "   └─ on failure → Queue" in str(run)


def test_a_call_in_each_attempt_is_a_run_of_its_own(local_aws, template):
    """The caller fails after its call, so it is retried and calls again."""
    template.queue()
    code = CALL.format(name="other").replace('return "called"', "raise ValueError('after')")
    template.function("Caller", code, allow={"lambda:InvokeFunction": "*", "sqs:SendMessage": arn("Queue")})
    template.configure("Caller", on_failure=arn("Queue"), MaximumRetryAttempts=1)
    template.function("Other", FunctionName="other")
    run = local_aws.deploy(template.write()).invoke("Caller")
    assert [each.function.label for each in run.invoked_runs] == ["Other", "Other"]


def test_a_role_that_may_not_invoke_is_refused(local_aws, template):
    """The handler gets the error that Lambda gives."""
    run = local_aws.deploy(app(template, allow="arn:aws:lambda:us-east-1:000000000000:function:another")).invoke(
        "Caller"
    )
    assert run.condition == "RetriesExhausted"
    assert "AccessDeniedException" in run.record.error.message
    assert run.invoked_runs == []


def test_a_function_that_does_not_exist_is_not_found(local_aws, template):
    """The handler gets the error that Lambda gives."""
    run = local_aws.deploy(app(template, "nowhere")).invoke("Caller")
    assert "ResourceNotFoundException" in run.record.error.message


def test_a_function_that_invokes_itself_is_stopped_after_sixteen_runs(local_aws, template):
    """Calls by handlers count like destinations."""
    template.function("Loop", CALL.format(name="loop"), FunctionName="loop", allow={"lambda:InvokeFunction": "*"})
    run = local_aws.deploy(template.write()).invoke("Loop")
    assert len([each for each in run.all_runs if each.stopped is None]) == 16
    assert [each.code for each in run.problems] == ["recursive-loop"]


def test_all_other_calls_of_a_handler_go_to_the_engine(local_aws, template):
    """Large bodies and synchronous invocations too."""
    code = """
import boto3
def handler(event, context):
    s3 = boto3.client("s3")
    s3.put_object(Bucket="things", Key="k", Body=b"x" * 3_000_000)
    size = len(s3.get_object(Bucket="things", Key="k")["Body"].read())
    answer = boto3.client("lambda").invoke(FunctionName="other", Payload=b"[1]")["Payload"].read().decode()
    return [size, s3.head_object(Bucket="things", Key="k")["ContentLength"], answer]
"""
    template.add("Bucket", "AWS::S3::Bucket", BucketName="things")
    template.function("Asker", code, allow={"s3:*": "*", "lambda:InvokeFunction": "*"}, Timeout=30)
    template.function("Other", "def handler(event, context): return event", FunctionName="other")
    run = local_aws.deploy(template.write()).invoke("Asker")
    assert run.response_payload[:2] == [3_000_000, 3_000_000], run.text(logs=True)
    assert run.response_payload[2] == "[1]"
