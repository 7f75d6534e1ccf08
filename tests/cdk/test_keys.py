"""Customer-managed keys: a function that may publish but not use the key loses every record."""

import aws_cdk.aws_kms as kms
import aws_cdk.aws_lambda_destinations as upstream
import aws_cdk.aws_s3 as s3
import aws_cdk.aws_sns as sns
import aws_cdk.aws_sqs as sqs
import pytest

import lambda_destinations as ours
from support.cdk import CDK_VERSION, V1, annotations, cdk, function, resources, synthesize

NEEDED = {"kms:GenerateDataKey*", "kms:Decrypt"}
KEY_ARN = "arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"
UPSTREAM_FIXED = not V1 and CDK_VERSION >= (2, 178)  # January 2025


def as_list(value):
    return value if isinstance(value, list) else [value]


def allowed(policies, document):
    """Return (action, resource) of every statement that allows something."""
    return {
        (action, str(resource))
        for policy in policies
        for statement in policy[document]["Statement"]
        if statement["Effect"] == "Allow"
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


def may_use_the_key(build, d, key):
    """Tell whether the function's role may do both on the key."""
    granted = allowed(resources(synthesize(lambda app: build(app, d)), "AWS::IAM::Policy"), "PolicyDocument")
    return {action for action, resource in granted if key in resource} >= NEEDED


def owned_key(app, d):
    stack = cdk.Stack(app, "Stack")
    topic = sns.Topic(stack, "Topic", master_key=kms.Key(stack, "MasterKey"))
    function(stack, "Fn", on_failure=d.SnsDestination(topic))


def imported_key(app, d):
    stack = cdk.Stack(app, "Stack")
    topic = sns.Topic(stack, "Topic", master_key=kms.Key.from_key_arn(stack, "MasterKey", KEY_ARN))
    function(stack, "Fn", on_failure=d.SnsDestination(topic))


def key_of_another_stack(app, d):
    key = kms.Key(cdk.Stack(app, "Keys"), "MasterKey")
    stack = cdk.Stack(app, "Stack")
    function(stack, "Fn", on_failure=d.SnsDestination(sns.Topic(stack, "Topic", master_key=key)))


CASES = [(owned_key, "MasterKey"), (imported_key, KEY_ARN), (key_of_another_stack, "MasterKey")]


@pytest.mark.parametrize(("build", "key"), CASES, ids=lambda value: getattr(value, "__name__", ""))
def test_the_function_may_use_the_key_of_its_topic(build, key):
    assert may_use_the_key(build, ours, key)


@pytest.mark.skipif(UPSTREAM_FIXED, reason="upstream grants it since January 2025")
@pytest.mark.parametrize(("build", "key"), CASES, ids=lambda value: getattr(value, "__name__", ""))
def test_with_upstream_it_may_not(build, key):
    assert not may_use_the_key(build, upstream, key)


@pytest.mark.skipif(not UPSTREAM_FIXED, reason="where upstream grants it, ours adds nothing")
@pytest.mark.parametrize(("build", "key"), CASES, ids=lambda value: getattr(value, "__name__", ""))
def test_where_upstream_grants_it_the_template_is_upstreams(build, key):
    assert synthesize(lambda app: build(app, ours)) == synthesize(lambda app: build(app, upstream))


@pytest.mark.parametrize(("build", "key"), CASES, ids=lambda value: getattr(value, "__name__", ""))
def test_with_the_parity_key_the_template_is_upstreams(build, key):
    parity = {"lambda-destinations:upstream-parity": True}
    assert synthesize(lambda app: build(app, ours), context=parity) == synthesize(lambda app: build(app, upstream))


@pytest.mark.skipif(UPSTREAM_FIXED, reason="the CDK grants it there")
def test_the_function_may_use_a_key_whose_arn_is_known_only_when_deployed():
    def build(app, d):
        stack = cdk.Stack(app, "Stack")
        key = kms.Key.from_key_arn(stack, "MasterKey", cdk.Fn.import_value("KeyArn"))
        function(stack, "Fn", on_failure=d.SnsDestination(sns.Topic(stack, "Topic", master_key=key)))

    assert may_use_the_key(build, ours, "'Fn::ImportValue': 'KeyArn'")
    assert annotations(lambda app: build(app, ours)) == []


@pytest.mark.skipif(UPSTREAM_FIXED, reason="the CDK grants it there")
def test_a_key_that_is_named_by_an_alias_is_warned_of_and_not_granted_on():
    """IAM takes no alias for a key."""

    def build(app):
        stack = cdk.Stack(app, "Stack")
        alias = kms.Alias(stack, "Alias", alias_name="alias/mine", target_key=kms.Key(stack, "MasterKey"))
        function(stack, "Fn", on_failure=ours.SnsDestination(sns.Topic(stack, "Topic", master_key=alias)))

    granted = allowed(resources(synthesize(build), "AWS::IAM::Policy"), "PolicyDocument")
    assert {action for action, _ in granted} == {"sns:Publish"}
    ((_, text),) = annotations(build)
    assert "[ack: lambda-destinations:key-unknown]" in text


def test_the_function_may_use_a_key_that_was_set_on_the_queues_l1():
    def build(app, d):
        stack = cdk.Stack(app, "Stack")
        queue = sqs.Queue(stack, "Queue")
        queue.node.default_child.kms_master_key_id = kms.Key(stack, "MasterKey").key_arn
        function(stack, "Fn", on_failure=d.SqsDestination(queue))

    assert may_use_the_key(build, ours, "MasterKey")
    assert not may_use_the_key(build, upstream, "MasterKey")


def test_a_bucket_under_a_key_of_another_stack_makes_no_cycle():
    def build(app):
        shared = cdk.Stack(app, "Shared")
        encrypted = s3.Bucket(shared, "Bucket", encryption_key=kms.Key(shared, "MasterKey"))
        function(cdk.Stack(app, "Stack"), "Fn", on_failure=ours.S3Destination(encrypted))

    granted = allowed(resources(synthesize(build), "AWS::IAM::Policy"), "PolicyDocument")
    assert "kms:GenerateDataKey*" in {action for action, _ in granted}


@pytest.mark.skipif(not hasattr(upstream, "S3Destination"), reason="upstream has it since the end of 2024")
@pytest.mark.parametrize("side", ["on_success", "on_failure"])
def test_with_the_parity_key_a_bucket_is_upstreams(side):
    def app(d):
        def build(root):
            stack = cdk.Stack(root, "Stack")
            function(stack, "Fn", **{side: d.S3Destination(s3.Bucket(stack, "Bucket"))})

        return build

    parity = {"lambda-destinations:upstream-parity": True}
    assert synthesize(app(ours), context=parity) == synthesize(app(upstream))


def test_a_key_that_aws_manages_needs_no_grant():
    def build(app, d):
        stack = cdk.Stack(app, "Stack")
        topic = sns.Topic(stack, "Topic")
        topic.node.default_child.kms_master_key_id = "alias/aws/sns"
        function(stack, "Fn", on_failure=d.SnsDestination(topic))

    assert synthesize(lambda app: build(app, ours)) == synthesize(lambda app: build(app, upstream))
    assert annotations(lambda app: build(app, ours)) == []


@pytest.mark.skipif(not V1, reason="a key of CDK v2 leaves it to them anyway")
def test_a_key_of_another_stack_leaves_the_decision_to_the_accounts_policies():
    """Its policy cannot name the role: each stack would need the other."""
    (key,) = resources(synthesize(lambda app: key_of_another_stack(app, ours)), "AWS::KMS::Key")
    statement = key["KeyPolicy"]["Statement"][-1]
    assert set(statement["Action"]) == NEEDED
    assert ":root" in str(statement["Principal"])


@pytest.mark.skipif(UPSTREAM_FIXED, reason="the CDK keeps the key itself there")
def test_a_key_that_cannot_be_found_is_warned_of():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        topic = sns.Topic(stack, "Topic")
        topic.node.default_child.kms_master_key_id = "alias/mine"
        function(stack, "Fn", on_failure=ours.SnsDestination(topic))

    ((path, text),) = annotations(build)
    assert path == "/Stack/Fn/EventInvokeConfig"
    assert "Stack/Topic is encrypted with a key that is named by an alias or an id" in text
    assert "[ack: lambda-destinations:key-unknown]" in text


def test_the_function_may_use_the_key_of_its_queue_as_with_upstream():
    def build(app, d):
        stack = cdk.Stack(app, "Stack")
        queue = sqs.Queue(stack, "Queue", encryption_master_key=kms.Key(stack, "MasterKey"))
        function(stack, "Fn", on_failure=d.SqsDestination(queue))

    assert synthesize(lambda app: build(app, ours)) == synthesize(lambda app: build(app, upstream))
    granted = allowed(resources(synthesize(lambda app: build(app, ours)), "AWS::IAM::Policy"), "PolicyDocument")
    assert {action for action, resource in granted if "MasterKey" in resource} >= {
        "kms:Decrypt",
        "kms:GenerateDataKey*",
    }


def bucket(app):
    stack = cdk.Stack(app, "Stack")
    encrypted = s3.Bucket(stack, "Bucket", encryption_key=kms.Key(stack, "MasterKey"))
    function(stack, "Fn", on_failure=ours.S3Destination(encrypted))


def test_a_bucket_is_written_and_listed_and_never_read():
    templates = synthesize(bucket)
    granted = allowed(resources(templates, "AWS::IAM::Policy"), "PolicyDocument")
    assert {action for action, _ in granted} == {"s3:PutObject", "s3:ListBucket", "kms:GenerateDataKey*"}
    (put,) = (resource for action, resource in granted if action == "s3:PutObject")
    (listed,) = (resource for action, resource in granted if action == "s3:ListBucket")
    assert put.endswith("'/*']]}")
    assert "/*" not in listed
    (config,) = resources(templates, "AWS::Lambda::EventInvokeConfig")
    assert set(config["DestinationConfig"]) == {"OnFailure"}


@pytest.mark.skipif(not hasattr(upstream, "S3Destination"), reason="upstream has it since the end of 2024")
def test_upstream_lets_it_read_every_object():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        function(stack, "Fn", on_failure=upstream.S3Destination(s3.Bucket(stack, "Bucket")))

    granted = allowed(resources(synthesize(build), "AWS::IAM::Policy"), "PolicyDocument")
    assert "s3:GetObject*" in {action for action, _ in granted}


def test_an_imported_bucket_is_taken():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        bucket = s3.Bucket.from_bucket_arn(stack, "Bucket", "arn:aws:s3:::archive")
        function(stack, "Fn", on_failure=ours.S3Destination(bucket))

    granted = allowed(resources(synthesize(build), "AWS::IAM::Policy"), "PolicyDocument")
    assert granted == {("s3:PutObject", "arn:aws:s3:::archive/*"), ("s3:ListBucket", "arn:aws:s3:::archive")}
