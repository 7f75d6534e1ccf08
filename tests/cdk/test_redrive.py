"""The construct that sends failed events back."""

import aws_cdk.aws_s3 as s3
import aws_cdk.aws_sqs as sqs
import pytest

import lambda_destinations as destinations
from support.cdk import cdk, function, resources, synthesize


def built(kind, visibility=None, **options):
    def build(app):
        stack = cdk.Stack(app, "Stack")
        seconds = visibility and cdk.Duration.seconds(visibility)
        source = (
            sqs.Queue(stack, "Failures", visibility_timeout=seconds)
            if kind == "queue"
            else s3.Bucket(stack, "Failures")
        )
        destinations.Redrive(stack, "Redrive", source=source, targets=[function(stack, "Fn")], **options)

    return synthesize(build)


def statements(templates):
    policies = resources(templates, "AWS::IAM::Policy")
    return [each for policy in policies for each in policy["PolicyDocument"]["Statement"]]


def test_a_queues_mapping_is_disabled_and_answers_by_message():
    (mapping,) = resources(built("queue"), "AWS::Lambda::EventSourceMapping")
    assert mapping["Enabled"] is False
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("kind", ["queue", "bucket"])
def test_the_role_may_do_nothing_to_everything(kind):
    for statement in statements(built(kind)):
        assert statement["Resource"] != "*"
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert not [action for action in actions if action.endswith("*")]


@pytest.mark.parametrize("kind", ["queue", "bucket"])
def test_the_role_may_invoke_the_targets_alone(kind):
    invoking = [each for each in statements(built(kind)) if each["Action"] == "lambda:InvokeFunction"]
    assert ["Fn" in str(each["Resource"]) for each in invoking] == [True]


def test_concurrency_is_the_brake():
    reserved = [f.get("ReservedConcurrentExecutions") for f in resources(built("queue"), "AWS::Lambda::Function")]
    assert 2 in reserved


@pytest.mark.parametrize(("visibility", "timeout"), [(None, 30), (5, 5), (30, 30), (600, 30)])
def test_the_timeout_is_not_above_the_queues_visibility_timeout(visibility, timeout):
    """Lambda refuses the mapping otherwise: AWS, "Creating and configuring an Amazon SQS event source mapping"."""
    timeouts = [f.get("Timeout") for f in resources(built("queue", visibility), "AWS::Lambda::Function")]
    assert timeout in timeouts


def test_the_same_source_has_the_same_hash():
    def code(templates):
        return [each["Code"] for each in resources(templates, "AWS::Lambda::Function")]

    assert code(built("queue")) == code(built("queue"))


@pytest.mark.parametrize("count", [0, 8])
def test_more_redrives_than_lambdas_loop_detection_lets_pass_are_refused(count):
    with pytest.raises(destinations.InvalidDestination, match="max_redrives from 1 to 7"):
        built("queue", max_redrives=count)


@pytest.mark.parametrize(("kind", "reserved"), [("queue", 1), ("queue", 0), ("bucket", 0)])
def test_too_little_concurrency_is_refused(kind, reserved):
    with pytest.raises(destinations.InvalidDestination, match=f"reserved_concurrent_executions={reserved}"):
        built(kind, reserved_concurrent_executions=reserved)


def test_the_mapping_reads_no_faster_than_the_function_may_run():
    (mapping,) = resources(built("queue", reserved_concurrent_executions=5), "AWS::Lambda::EventSourceMapping")
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 5}


@pytest.mark.parametrize("fifo", [False, True])
def test_a_quarantine_that_is_the_source_or_fifo_is_refused(fifo):
    def build(app):
        stack = cdk.Stack(app, "Stack")
        source = sqs.Queue(stack, "Failures")
        quarantine = sqs.Queue(stack, "Quarantine", fifo=True) if fifo else source
        destinations.Redrive(stack, "Redrive", source=source, targets=[function(stack, "Fn")], quarantine=quarantine)

    with pytest.raises(destinations.InvalidDestination, match="give another queue"):
        synthesize(build)


def test_what_is_not_a_source_is_refused():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        destinations.Redrive(stack, "Redrive", source="failures", targets=[function(stack, "Fn")])

    with pytest.raises(TypeError, match=r"Redrive\(source\) wants an aws_sqs.IQueue or aws_s3.IBucket, got the string"):
        synthesize(build)
