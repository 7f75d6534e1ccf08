"""Customer-managed keys: a function that may publish but not use the key loses every record."""

import aws_cdk.aws_iam as iam
import aws_cdk.aws_kms as kms
import aws_cdk.aws_lambda_destinations as upstream
import aws_cdk.aws_s3 as s3
import aws_cdk.aws_sns as sns
import aws_cdk.aws_sqs as sqs
import pytest

import lambda_destinations as ours
from support.cdk import CDK_VERSION, PARITY, V1, annotations, cdk, function, resources, synthesize

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
    """Tell whether the function's role may do both actions on the key."""
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
def test_with_upstream_the_function_may_not(build, key):
    assert not may_use_the_key(build, upstream, key)


@pytest.mark.skipif(not UPSTREAM_FIXED, reason="where upstream grants it, ours adds nothing")
@pytest.mark.parametrize(("build", "key"), CASES, ids=lambda value: getattr(value, "__name__", ""))
def test_if_upstream_grants_it_the_templates_are_the_same(build, key):
    assert synthesize(lambda app: build(app, ours)) == synthesize(lambda app: build(app, upstream))


@pytest.mark.parametrize(("build", "key"), CASES, ids=lambda value: getattr(value, "__name__", ""))
def test_with_the_parity_key_the_templates_are_the_same(build, key):
    assert synthesize(lambda app: build(app, ours), context=PARITY) == synthesize(lambda app: build(app, upstream))


@pytest.mark.skipif(UPSTREAM_FIXED, reason="the CDK grants it there")
def test_the_function_may_use_a_key_whose_arn_is_known_only_when_deployed():
    def build(app, d):
        stack = cdk.Stack(app, "Stack")
        key = kms.Key.from_key_arn(stack, "MasterKey", cdk.Fn.import_value("KeyArn"))
        function(stack, "Fn", on_failure=d.SnsDestination(sns.Topic(stack, "Topic", master_key=key)))

    assert may_use_the_key(build, ours, "'Fn::ImportValue': 'KeyArn'")
    assert annotations(lambda app: build(app, ours)) == []


@pytest.mark.skipif(UPSTREAM_FIXED, reason="the CDK grants it there")
def test_a_key_that_is_named_by_an_alias_gets_a_warning_and_no_grant():
    """IAM does not accept an alias in place of a key's ARN."""

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


def test_a_bucket_with_a_key_in_another_stack_makes_no_cycle():
    def build(app):
        shared = cdk.Stack(app, "Shared")
        encrypted = s3.Bucket(shared, "Bucket", encryption_key=kms.Key(shared, "MasterKey"))
        function(cdk.Stack(app, "Stack"), "Fn", on_failure=ours.S3Destination(encrypted))

    granted = allowed(resources(synthesize(build), "AWS::IAM::Policy"), "PolicyDocument")
    assert "kms:GenerateDataKey*" in {action for action, _ in granted}


@pytest.mark.skipif(not hasattr(upstream, "S3Destination"), reason="upstream has it since the end of 2024")
@pytest.mark.parametrize("side", ["on_success", "on_failure"])
def test_with_the_parity_key_the_template_of_a_bucket_is_the_same(side):
    def app(d):
        def build(root):
            stack = cdk.Stack(root, "Stack")
            function(stack, "Fn", **{side: d.S3Destination(s3.Bucket(stack, "Bucket"))})

        return build

    assert synthesize(app(ours), context=PARITY) == synthesize(app(upstream))


def test_an_aws_managed_key_needs_no_grant():
    def build(app, d):
        stack = cdk.Stack(app, "Stack")
        topic = sns.Topic(stack, "Topic")
        topic.node.default_child.kms_master_key_id = "alias/aws/sns"
        function(stack, "Fn", on_failure=d.SnsDestination(topic))

    assert synthesize(lambda app: build(app, ours)) == synthesize(lambda app: build(app, upstream))
    assert annotations(lambda app: build(app, ours)) == []


@pytest.mark.skipif(not V1, reason="on CDK v2 a key always leaves it to them")
def test_a_key_of_another_stack_leaves_the_decision_to_the_accounts_policies():
    """Its policy cannot name the role: each stack would need the other."""
    (key,) = resources(synthesize(lambda app: key_of_another_stack(app, ours)), "AWS::KMS::Key")
    statement = key["KeyPolicy"]["Statement"][-1]
    assert set(statement["Action"]) == NEEDED
    assert ":root" in str(statement["Principal"])


@pytest.mark.skipif(UPSTREAM_FIXED, reason="the CDK keeps the key itself there")
def test_a_key_that_cannot_be_found_gets_a_warning():
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


def test_a_bucket_may_be_written_and_listed_and_not_read():
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
def test_upstream_allows_the_function_to_read_every_object():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        function(stack, "Fn", on_failure=upstream.S3Destination(s3.Bucket(stack, "Bucket")))

    granted = allowed(resources(synthesize(build), "AWS::IAM::Policy"), "PolicyDocument")
    assert "s3:GetObject*" in {action for action, _ in granted}


def test_an_imported_bucket_is_accepted():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        bucket = s3.Bucket.from_bucket_arn(stack, "Bucket", "arn:aws:s3:::archive")
        function(stack, "Fn", on_failure=ours.S3Destination(bucket))

    granted = allowed(resources(synthesize(build), "AWS::IAM::Policy"), "PolicyDocument")
    assert granted == {("s3:PutObject", "arn:aws:s3:::archive/*"), ("s3:ListBucket", "arn:aws:s3:::archive")}


def named(kind, how):
    """Set a key on the L1 resource of a queue or topic; `how` makes the value."""

    def build(app, d=ours):
        stack = cdk.Stack(app, "Stack")
        make, to = {"topic": (sns.Topic, d.SnsDestination), "queue": (sqs.Queue, d.SqsDestination)}[kind]
        resource = make(stack, "Resource0")
        resource.node.default_child.kms_master_key_id = how(stack)
        function(stack, "Fn", on_failure=to(resource))

    return build


UNKNOWN = {
    "parameter": lambda stack: cdk.CfnParameter(stack, "Key").value_as_string,
    "import": lambda _: cdk.Fn.import_value("Key"),
    "resource's name": lambda stack: kms.CfnKey(stack, "Bare", key_policy={}).ref,
    "id": lambda _: "1234abcd-12ab-34cd-56ef-1234567890ab",
    "alias": lambda _: "alias/mine",
}
KNOWN = {
    "arn": lambda _: KEY_ARN,
    "attribute": lambda stack: kms.CfnKey(stack, "Bare", key_policy={}).attr_arn,
    "composed": lambda _: cdk.Fn.join(":", ["arn:aws:kms", cdk.Aws.REGION, cdk.Aws.ACCOUNT_ID, "key/k"]),
    "imported by a parameter": lambda stack: (
        kms.Key.from_key_arn(stack, "K", cdk.CfnParameter(stack, "Key").value_as_string).key_arn
    ),
}


@pytest.mark.parametrize("kind", ["topic", "queue"])
@pytest.mark.parametrize("how", UNKNOWN)
def test_a_key_that_may_be_named_by_its_id_gets_a_warning_and_no_grant(kind, how):
    """IAM accepts ARNs only: a policy with an id in place of an ARN cannot be deployed."""
    build = named(kind, UNKNOWN[how])
    granted = allowed(resources(synthesize(build), "AWS::IAM::Policy"), "PolicyDocument")
    assert not any(action.startswith("kms:") for action, _ in granted)
    ((_, text),) = annotations(build)
    assert "[ack: lambda-destinations:key-unknown]" in text


@pytest.mark.parametrize("kind", ["topic", "queue"])
@pytest.mark.parametrize("how", KNOWN)
def test_a_key_whose_value_is_certainly_an_arn_gets_a_grant(kind, how):
    build = named(kind, KNOWN[how])
    granted = allowed(resources(synthesize(build), "AWS::IAM::Policy"), "PolicyDocument")
    assert {action for action, _ in granted} >= NEEDED
    assert annotations(build) == []


IRELAND = {"account": "111111111111", "region": "eu-west-1"}
ELSEWHERE = {"account": "222222222222", "region": "eu-west-1"}


def across_accounts(make):
    """Make a destination in one account with `make`, and bind it to a function in another account."""

    def build(app):
        there = cdk.Stack(app, "There", env=cdk.Environment(**ELSEWHERE))
        here = cdk.Stack(app, "Here", env=cdk.Environment(**IRELAND))
        role = iam.Role(here, "Role", role_name="source", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        function(here, "Fn", on_failure=make(there), role=role)

    return build


def test_a_bucket_in_another_account_allows_the_role_to_put_and_list():
    build = across_accounts(lambda stack: ours.S3Destination(s3.Bucket(stack, "Bucket", bucket_name="archive-of-lost")))
    templates = synthesize(build)
    statements = [s for p in resources(templates, "AWS::S3::BucketPolicy") for s in p["PolicyDocument"]["Statement"]]
    assert sorted(action for statement in statements for action in as_list(statement["Action"])) == [
        "s3:ListBucket",
        "s3:PutObject",
    ]
    assert all("role/source" in str(statement["Principal"]) for statement in statements)


def test_a_bucket_in_the_same_account_needs_no_policy():
    assert resources(synthesize(bucket), "AWS::S3::BucketPolicy") == []


def test_a_key_in_another_account_allows_the_role_to_use_it():
    def encrypted(stack):
        key = kms.Key(stack, "MasterKey", alias="mine")
        made = s3.Bucket(stack, "Bucket", bucket_name="archive-of-lost", encryption_key=key)
        return ours.S3Destination(made)

    (key,) = resources(synthesize(across_accounts(encrypted)), "AWS::KMS::Key")
    assert "role/source" in str(key["KeyPolicy"]["Statement"][1:])
