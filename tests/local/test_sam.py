"""Templates that AWS's own SAM makes from our inputs: each can be deployed, and its flow runs."""

import copy
import itertools
import json

import pytest

sam = pytest.importorskip("samtranslator.translator.translator")

CODE = "def handler(event, context):\n    raise ValueError('x')\n"
OUTCOMES = ("OnSuccess", "OnFailure")
EVENTS = {
    "none": {},
    "api": {"E": {"Type": "Api", "Properties": {"Path": "/", "Method": "get"}}},
    "http": {"E": {"Type": "HttpApi", "Properties": {"Path": "/", "Method": "post"}}},
    "schedule": {"E": {"Type": "Schedule", "Properties": {"Schedule": "rate(1 minute)"}}},
    "scheduler": {"E": {"Type": "ScheduleV2", "Properties": {"ScheduleExpression": "rate(1 minute)"}}},
    "sqs": {"E": {"Type": "SQS", "Properties": {"Queue": {"Fn::GetAtt": ["Q", "Arn"]}, "BatchSize": 3}}},
    "sns": {"E": {"Type": "SNS", "Properties": {"Topic": {"Ref": "T"}}}},
    "sns-queue": {"E": {"Type": "SNS", "Properties": {"Topic": {"Ref": "T"}, "SqsSubscription": True}}},
    "s3": {"E": {"Type": "S3", "Properties": {"Bucket": {"Ref": "B"}, "Events": "s3:ObjectCreated:*"}}},
    "dynamodb": {
        "E": {
            "Type": "DynamoDB",
            "Properties": {"Stream": {"Fn::GetAtt": ["D", "StreamArn"]}, "StartingPosition": "LATEST"},
        }
    },
    "kinesis": {
        "E": {
            "Type": "Kinesis",
            "Properties": {
                "Stream": "arn:aws:kinesis:us-east-1:000000000000:stream/s",
                "StartingPosition": "LATEST",
                "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["Q", "Arn"]}, "Type": "SQS"}},
            },
        }
    },
    "rule": {"E": {"Type": "EventBridgeRule", "Properties": {"Pattern": {"source": ["lambda"]}}}},
    "rule-dlq": {
        "E": {
            "Type": "EventBridgeRule",
            "Properties": {"Pattern": {"source": ["x"]}, "DeadLetterConfig": {"Type": "SQS"}},
        }
    },
    "logs": {"E": {"Type": "CloudWatchLogs", "Properties": {"LogGroupName": "g", "FilterPattern": ""}}},
    "iot": {"E": {"Type": "IoTRule", "Properties": {"Sql": "SELECT * FROM 'a'"}}},
    "alexa": {"E": {"Type": "AlexaSkill"}},
    "msk": {
        "E": {
            "Type": "MSK",
            "Properties": {
                "Stream": "arn:aws:kafka:us-east-1:000000000000:cluster/c/6cc0432b-8618-4f44-bccc-e1fbd8fb7c4d-2",
                "StartingPosition": "LATEST",
                "Topics": ["topic"],
            },
        }
    },
}


def to(outcome, **destination):
    return {"EventInvokeConfig": {"MaximumRetryAttempts": 0, "DestinationConfig": {outcome: destination}}}


SETTINGS = {
    "plain": {},
    "alias": {"AutoPublishAlias": "live", **to("OnFailure", Type="SQS")},
    "shifting": {
        "AutoPublishAlias": "live",
        "DeploymentPreference": {"Type": "AllAtOnce"},
        **to("OnFailure", Type="SNS"),
    },
    "provisioned": {"AutoPublishAlias": "live", "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 1}},
    **{f"{outcome}-{kind}": to(outcome, Type=kind) for outcome in OUTCOMES for kind in ("SQS", "SNS")},
    **{
        f"{outcome}-{name}": to(outcome, Type=kind, Destination=where)
        for outcome in OUTCOMES
        for name, kind, where in (
            ("queue", "SQS", {"Fn::GetAtt": ["Q", "Arn"]}),
            ("topic", "SNS", {"Ref": "T"}),
            ("function", "Lambda", {"Fn::GetAtt": ["Other", "Arn"]}),
            ("bus", "EventBridge", {"Fn::GetAtt": ["Bus", "Arn"]}),
        )
    },
    "OnFailure-bucket": to("OnFailure", Type="S3Bucket", Destination={"Fn::GetAtt": ["B", "Arn"]}),
    "dead-letter-queue": {"DeadLetterQueue": {"Type": "SQS", "TargetArn": {"Fn::GetAtt": ["Q", "Arn"]}}},
    "dead-letter-topic": {"DeadLetterQueue": {"Type": "SNS", "TargetArn": {"Ref": "T"}}},
    "url": {"FunctionUrlConfig": {"AuthType": "NONE"}},
    "traced": {"Tracing": "Active", "ReservedConcurrentExecutions": 5, "Timeout": 20, "MemorySize": 256},
    "in a VPC": {"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}},
    "policies": {
        "Policies": [
            "AWSLambda_FullAccess",
            {"SQSSendMessagePolicy": {"QueueName": {"Fn::GetAtt": ["Q", "QueueName"]}}},
            {"DynamoDBCrudPolicy": {"TableName": {"Ref": "D"}}},
        ]
    },
    "named": {
        "FunctionName": "a-name",
        "Environment": {"Variables": {"NUMBER": 7, "BOOLEAN": True, "TABLE": {"Ref": "D"}}},
    },
    "conditional": {"Condition": "Yes", "ReservedConcurrentExecutions": {"Fn::If": ["No", 1, {"Ref": "AWS::NoValue"}]}},
}
MANAGED = {
    name: f"arn:aws:iam::aws:policy/{name if '/' in name or name.startswith('AWSLambda_') else f'service-role/{name}'}"
    for name in (
        "AWSLambda_FullAccess",
        "AWSLambdaBasicExecutionRole",
        "AWSLambdaDynamoDBExecutionRole",
        "AWSLambdaKinesisExecutionRole",
        "AWSLambdaMSKExecutionRole",
        "AWSLambdaSQSQueueExecutionRole",
        "AWSLambdaVPCAccessExecutionRole",
        "AWSCodeDeployRoleForLambda",
        "AmazonAPIGatewayPushToCloudWatchLogs",
    )
}
MANAGED["AWSXrayWriteOnlyAccess"] = "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess"


def function(settings, events):
    own = {key: copy.deepcopy(value) for key, value in settings.items() if key != "Condition"}  # SAM writes into it
    properties = {"InlineCode": CODE, "Handler": "index.handler", "Runtime": "python3.12", **own}
    if events:
        properties["Events"] = copy.deepcopy(events)
    return {"Type": "AWS::Serverless::Function", "Properties": properties} | (
        {"Condition": settings["Condition"]} if "Condition" in settings else {}
    )


def document(settings, events):
    """A SAM template with a function of these settings and events, and the resources that they refer to."""
    key = {"AttributeName": "a", "AttributeType": "S"}
    other = {"InlineCode": CODE, "Handler": "index.handler", "Runtime": "python3.12"}
    resources = {
        "F": function(settings, events),
        "Other": {"Type": "AWS::Serverless::Function", "Properties": other},
        "Q": {"Type": "AWS::SQS::Queue"},
        "T": {"Type": "AWS::SNS::Topic"},
        "B": {"Type": "AWS::S3::Bucket"},
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "bus"}},
        "D": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "AttributeDefinitions": [key],
                "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
                "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
            },
        },
    }
    conditions = {"No": {"Fn::Equals": ["a", "b"]}, "Yes": {"Fn::Not": [{"Condition": "No"}]}}
    return {"Transform": "AWS::Serverless-2016-10-31", "Conditions": conditions, "Resources": resources}


def written(settings, events):
    """The template that SAM makes of it."""
    from samtranslator.parser.parser import Parser

    return sam.Translator(MANAGED, Parser()).translate(document(settings, events), {})


# CloudFormation refuses this circle: the bucket needs the permission, which needs the function, which needs its role,
# which needs the bucket.
CIRCULAR = {("OnFailure-bucket", "s3")}
CASES = set(itertools.product(SETTINGS, EVENTS)) - CIRCULAR


@pytest.fixture(scope="module")
def aws():
    from lambda_destinations.local import LocalAws

    with LocalAws() as made:
        yield made


@pytest.mark.parametrize("settings", SETTINGS)
def test_a_template_of_sam_can_be_deployed(aws, tmp_path, monkeypatch, settings):
    """With every kind of event. Nothing that the flow needs is refused."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")  # SAM asks for one
    failed = {}
    for kind, events in EVENTS.items():
        if (settings, kind) in CIRCULAR:
            continue
        path = tmp_path / "Stack.json"
        path.write_text(json.dumps(written(SETTINGS[settings], events)))
        try:
            with aws.deploy(path) as app:
                assert "Stack/F" in app.functions
                if kind == "none":
                    run = app.invoke("Live" if "live" in settings else "F", {})
                    assert run.condition in {"RetriesExhausted", "Success"}
        except Exception as error:  # noqa: BLE001  (all failures are reported together)
            failed[kind] = f"{type(error).__name__}: {error}"
    assert failed == {}


def test_there_are_at_least_400_templates():
    assert len(CASES) >= 400
