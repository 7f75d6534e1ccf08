"""What would work here and fail on AWS is refused, or noticed."""

import json

import pytest

from lambda_destinations.errors import DeployError, EngineError, InvalidDestination, InvalidPayload, UnknownName
from local.conftest import QUEUE

STANDARD = "arn:aws:sqs:us-east-1:000000000000:elsewhere"


def refused(local_aws, template, error, match):
    """Assert that the deployment fails with the error, and leaves nothing in the engine."""
    with pytest.raises(error, match=match):
        local_aws.deploy(template.write())
    assert local_aws.client("cloudformation").list_stacks(StackStatusFilter=["CREATE_COMPLETE"])["StackSummaries"] == []


@pytest.mark.parametrize("runtime", ["java21", "dotnet8", "ruby3.4"])
def test_a_runtime_that_the_engine_only_mocks_is_not_run(local_aws, template, runtime):
    """The engine answers 200 for it without running anything."""
    template.source("success", template.queue(), "sqs", Runtime=runtime)
    app = local_aws.deploy(template.write())
    assert f"runs no {runtime} functions" in app.notes[0]
    run = app.invoke("Source")
    assert f"Source:$LATEST: the engine runs no {runtime} functions" in run.unknowns[0]
    assert run.problems == []
    assert run.condition == "Stopped"
    assert "not run" in str(run)


def test_a_function_that_is_reached_and_cannot_run_is_unknown(local_aws, template):
    """The record arrives there, but the run of the function is unknown."""
    template.source("success", template.function("Other", Runtime="java21"), "lambda")
    run = local_aws.deploy(template.write()).invoke("Source")
    assert len(run.delivered_to("Other")) == 1
    assert "runs no java21 functions" in run.unknowns[0]


def test_a_container_image_is_not_run(local_aws, template):
    """It would need Docker."""
    template.function(Code={"ImageUri": "x"}, PackageType="Image", Runtime=None, Handler=None)
    for name in ("Runtime", "Handler"):
        template.resources["Source"]["Properties"].pop(name)
    assert "container image" in local_aws.deploy(template.write()).invoke("Source").unknowns[0]


def test_a_function_without_its_asset_is_not_run(local_aws, template):
    """The engine would deploy it and answer a made-up 200."""
    template.function(Code={"S3Bucket": "bucket", "S3Key": f"{'a' * 64}.zip"})
    run = local_aws.deploy(template.write()).invoke("Source")
    assert "its code is not in the assembly" in run.unknowns[0]


def test_an_answer_that_no_handler_gave_is_noticed(local_aws, template):
    """The engine answers without running the function; this is not taken for its response."""
    template.function(FunctionName="source")
    app = local_aws.deploy(template.write())
    local_aws.client("lambda").update_function_configuration(FunctionName="source", Runtime="java21")
    with pytest.raises(EngineError, match="without running it"):
        app.invoke("Source")


@pytest.mark.parametrize("on", ["success", "failure"])
@pytest.mark.parametrize(
    ("arn", "service"),
    [
        (STANDARD, "sqs"),
        ("arn:aws:sns:us-east-1:000000000000:elsewhere", "sns"),
        ("arn:aws:s3:::elsewhere-nowhere", "s3"),
    ],
    ids=["sqs", "sns", "s3"],
)
def test_a_destination_that_does_not_exist_is_refused(local_aws, template, on, arn, service):
    """The engine would deploy it; Lambda would not."""
    if (service, on) == ("s3", "success"):
        pytest.skip("a bucket is refused on success whether it exists or not: the test below")
    template.source(on, arn, service)
    refused(local_aws, template, InvalidDestination, "does not exist")


def test_a_bus_that_does_not_exist_is_accepted_and_loses_its_records(local_aws, template):
    """On AWS only a metric shows that."""
    template.source("success", "arn:aws:events:us-east-1:000000000000:event-bus/nowhere", "events")
    run = local_aws.deploy(template.write()).invoke("Source")
    assert "event-bus/nowhere does not exist" in run.problems[0]
    assert run.destination_delivery_failures == 1


@pytest.mark.parametrize("on", ["success", "failure"])
@pytest.mark.parametrize("service", ["sqs", "sns", "lambda", "events", "s3"])
def test_a_destination_that_the_role_may_not_write_to_is_refused(local_aws, template, service, on):
    """Lambda checks the role when the configuration is created."""
    kinds = {
        "events": ("AWS::Events::EventBus", {"Name": "b"}, {"Fn::GetAtt": ["Target", "Arn"]}),
        "s3": ("AWS::S3::Bucket", {}, {"Fn::GetAtt": ["Target", "Arn"]}),
        "sns": ("AWS::SNS::Topic", {}, {"Ref": "Target"}),
        "sqs": ("AWS::SQS::Queue", {}, {"Fn::GetAtt": ["Target", "Arn"]}),
    }
    if service == "lambda":
        destination = template.function("Target")
    else:
        kind, properties, destination = kinds[service]
        template.add("Target", kind, **properties)
    template.function()
    template.configure(**{f"on_{on}": destination})
    match = "Lambda refuses a bucket as on_success" if (service, on) == ("s3", "success") else "may not write to"
    refused(local_aws, template, InvalidDestination, match)


def test_a_deny_in_the_role_wins_over_an_allow(local_aws, template):
    statement = {"Action": "sqs:*", "Resource": "*"}
    template.queue()
    template.function(statements=[{"Effect": "Allow", **statement}, {"Effect": "Deny", **statement}])
    template.configure(on_success=QUEUE)
    refused(local_aws, template, InvalidDestination, "denies sqs:SendMessage")


@pytest.mark.parametrize(("kind", "service"), [("queue", "sqs"), ("topic", "sns")])
def test_a_fifo_destination_is_refused(local_aws, template, kind, service):
    """Lambda takes standard queues and topics only."""
    resource = {
        "sqs": ("AWS::SQS::Queue", {"QueueName": "q.fifo", "FifoQueue": True}, {"Fn::GetAtt": ["Target", "Arn"]}),
        "sns": ("AWS::SNS::Topic", {"TopicName": "t.fifo", "FifoTopic": True}, {"Ref": "Target"}),
    }
    type_, properties, destination = resource[service]
    template.add("Target", type_, **properties)
    template.source("success", destination, service)
    refused(local_aws, template, InvalidDestination, "is FIFO, which Lambda refuses as a destination")


def test_a_function_as_its_own_destination_is_refused(local_aws, template):
    """Directly, and by its alias."""
    template.function(FunctionName="source", allow={"lambda:InvokeFunction": "*"})
    template.configure(on_success={"Fn::GetAtt": ["Source", "Arn"]})
    refused(local_aws, template, InvalidDestination, "would be its own destination, which Lambda refuses")
    template.configure(on_success={"Ref": "Live"})
    template.alias()
    refused(local_aws, template, InvalidDestination, "would be its own destination, which Lambda refuses")


def test_a_dead_letter_queue_that_the_role_may_not_write_to_is_refused(local_aws, template):
    """Lambda would refuse the function. The engine forgets the queue."""
    template.function(DeadLetterConfig={"TargetArn": template.queue()})
    refused(local_aws, template, InvalidDestination, "dead-letter queue: the role .* may not write to")


@pytest.mark.parametrize("granted", [False, True], ids=["denied", "granted"])
@pytest.mark.parametrize("service", ["sqs", "sns"])
def test_a_key_that_the_role_may_not_use_loses_the_record(local_aws, template, service, granted):
    """Lambda notices a missing KMS permission only at delivery. The engine never checks it."""
    root = {"AWS": "arn:aws:iam::000000000000:root"}
    policy = {"Statement": [{"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}]}
    key = template.add("Key", "AWS::KMS::Key", KeyPolicy=policy)
    make = template.queue if service == "sqs" else template.topic
    template.source("success", make("Target", KmsMasterKeyId=key), service)
    if granted:
        statements = template.resources["SourceRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        statements.append({"Effect": "Allow", "Action": ["kms:GenerateDataKey*", "kms:Decrypt"], "Resource": key})
    run = local_aws.deploy(template.write()).invoke("Source")
    if granted:
        assert run.problems == []
    else:
        assert "is encrypted, and its key does not let" in run.problems[0]
        assert run.destination_delivery_failures == 1


def test_an_encrypted_bucket_needs_only_the_permission_to_encrypt(local_aws, template):
    """`kms:GenerateDataKey*` is enough."""
    root = {"AWS": "arn:aws:iam::000000000000:root"}
    policy = {"Statement": [{"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}]}
    key = template.add("Key", "AWS::KMS::Key", KeyPolicy=policy)
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    encryption = {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": default}]}
    template.source("failure", template.add("Bucket", "AWS::S3::Bucket", BucketEncryption=encryption), "s3")
    with local_aws.deploy(template.write()) as app:
        run = app.invoke("Source", {"Success": False})
        assert "is encrypted, and its key does not let" in run.problems[0]
    statements = template.resources["SourceRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    statements.append({"Effect": "Allow", "Action": "kms:GenerateDataKey*", "Resource": key})
    assert local_aws.deploy(template.write()).invoke("Source", {"Success": False}).problems == []


def test_inline_code_that_is_computed_is_not_run(local_aws, template):
    """Its text is not known before it is deployed."""
    template.function(Code={"ZipFile": {"Fn::Join": ["", ["a", {"Ref": "SourceRole"}]]}})
    assert "its inline code is not written out" in local_aws.deploy(template.write()).invoke("Source").unknowns[0]


@pytest.mark.parametrize(
    ("broken", "match"),
    [
        ({"Properties": "x"}, "the Properties of Source in stack Stack are not an object"),
        ({"Properties": {"DeadLetterConfig": "x"}}, "Stack/Source"),
        ({"DependsOn": 1}, "DependsOn of Source in stack Stack is not a list of names"),
    ],
    ids=str,
)
def test_a_malformed_template_is_refused(local_aws, template, broken, match):
    """The message names the place."""
    template.function()
    template.resources["Source"] |= broken
    refused(local_aws, template, DeployError, match)


def test_an_unsupported_type_that_the_flow_does_not_need_is_left_out_with_a_note(local_aws, template):
    """So is what depends on it, and so are custom resources, which cannot run here."""
    template.source("success", template.queue(), "sqs", Environment={"Variables": {"BOT": {"Ref": "Bot"}}})
    template.add("Bot", "AWS::Lex::Bot", Name="bot")
    template.add("Hanging", "AWS::SQS::Queue", QueueName={"Ref": "Bot"})
    template.add("Custom", "Custom::Thing", ServiceToken="arn:aws:lambda:us-east-1:000000000000:function:x")
    template.add("Meta", "AWS::CDK::Metadata", Analytics="x")
    template.resources["Source"]["DependsOn"] = ["Bot", "SourceRole"]
    document = json.loads(template.write().read_text())
    document["Outputs"] = {"Gone": {"Value": {"Fn::Sub": "${Bot}"}}}
    (template.folder / "Stack.template.json").write_text(json.dumps(document))
    app = local_aws.deploy(template.folder / "Stack.template.json")
    assert app.invoke("Source").problems == []
    assert sorted(app.notes) == [
        "Stack/Bot is left out: an AWS::Lex::Bot, which the engine does not have",
        "Stack/Custom is left out: a custom resource (Custom::Thing)",
        "Stack/Hanging is left out: an AWS::SQS::Queue that needs Stack/Bot",
    ]


def test_a_version_or_alias_that_does_not_exist_is_refused(local_aws, template):
    """Lambda would have nothing to configure."""
    template.function()
    template.configure(qualifier="no-such-alias")
    refused(local_aws, template, InvalidDestination, "has no version or alias 'no-such-alias'")


def test_a_stack_that_the_engine_rolls_back_says_why(local_aws, template):
    """Nothing of it is left in the engine."""
    template.add("One", "AWS::Events::EventBus", Name="same")
    template.add("Two", "AWS::Events::EventBus", Name="same")
    refused(local_aws, template, DeployError, "was rolled back: Stack/(One|Two): .*already exists: same")


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("Sorce", r"there is no function 'Sorce'; close to it: Source"),
        ("Zzz", r"there is no function 'Zzz'; the functions are: Stack/Live, Stack/Source, Stack/SourceVersion"),
        ("Source:nope", r"there is no 'Source:nope'; .* has: \$LATEST, 1, live"),
        ("", "there is no function ''"),
    ],
)
def test_a_wrong_name_is_answered_with_the_right_ones(local_aws, template, name, match):
    """Similar names, or all names if there is no similar one."""
    template.function()
    template.alias()
    app = local_aws.deploy(template.write())
    with pytest.raises(UnknownName, match=match):
        app.invoke(name)


@pytest.mark.parametrize(
    ("payload", "match"),
    [
        (b"{", "the payload is not JSON"),
        (b"", "the payload is not JSON"),
        (b"\xff", "the payload is not JSON"),
        (b"NaN", "NaN is not JSON"),
        (float("inf"), "the payload is not JSON"),
        ({1, 2}, "the payload is not JSON"),
        ("\ud800", "the payload is not JSON"),
        ("x" * 6_000_000, "the payload has 6,000,002 bytes; an asynchronous invocation takes 1,048,576"),
    ],
    ids=["half", "empty", "no UTF-8", "NaN", "inf", "set", "surrogate", "6 MB"],
)
def test_a_payload_that_lambda_would_not_take_is_refused(local_aws, template, payload, match):
    """Nothing runs then."""
    template.function()
    app = local_aws.deploy(template.write())
    with pytest.raises(InvalidPayload, match=match):
        app.invoke("Source", payload)
