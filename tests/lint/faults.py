"""One small template for each fault, and for each the same template without the fault."""

import copy
from dataclasses import dataclass
from typing import Any

Template = dict[str, Any]

ARN = {"queue": "Queue.Arn", "topic": "Topic", "function": "Target.Arn", "bus": "Bus.Arn", "bucket": "Bucket.Arn"}
ACTIONS = {
    "Queue": "sqs:SendMessage",
    "Topic": "sns:Publish",
    "Target": "lambda:InvokeFunction",
    "Bus": "events:PutEvents",
    "Bucket": "s3:PutObject",
}
SUCCESS = "Lambda Function Invocation Result - Success"


def att(name: str) -> dict[str, Any]:
    """Return a reference: `Queue.Arn` is `Fn::GetAtt`, `Topic` is `Ref`."""
    return {"Fn::GetAtt": name.split(".")} if "." in name else {"Ref": name}


def allow(actions: str | list[str], resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def document(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def role(*statements: Any) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": document(trust),
            "Policies": [{"PolicyName": "own", "PolicyDocument": document(*statements)}],
        },
    }


def function(role: str = "Role", **more: Any) -> dict[str, Any]:
    code = {"ZipFile": "def handler(event, context): return event"}
    properties = {"Runtime": "python3.13", "Handler": "index.handler", "Code": code, "Role": att(f"{role}.Arn"), **more}
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


def config(function: str = "Fn", qualifier: Any = "$LATEST", **more: Any) -> dict[str, Any]:
    arms = {on: {"Destination": more.pop(on)} for on in ("OnSuccess", "OnFailure") if on in more}
    properties = {"FunctionName": {"Ref": function}, "Qualifier": qualifier, "DestinationConfig": arms, **more}
    return {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": properties}


def permission(function: Any, source: Any, principal: str = "events.amazonaws.com") -> dict[str, Any]:
    properties = {
        "Action": "lambda:InvokeFunction",
        "FunctionName": function,
        "Principal": principal,
        "SourceArn": source,
    }
    return {"Type": "AWS::Lambda::Permission", "Properties": properties}


def queue_policy(service: str, source: Any, queue: str = "Queue") -> dict[str, Any]:
    statement = allow(
        "sqs:SendMessage",
        att(f"{queue}.Arn"),
        Principal={"Service": service},
        Condition={"ArnEquals": {"aws:SourceArn": source}},
    )
    properties = {"PolicyDocument": document(statement), "Queues": [{"Ref": queue}]}
    return {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}


def rule(target: Any, **pattern: Any) -> dict[str, Any]:
    wanted = {"source": ["lambda"], "detail-type": [SUCCESS], "resources": [latest()], **pattern}
    properties = {
        "EventBusName": {"Ref": "Bus"},
        "EventPattern": {name: value for name, value in wanted.items() if value is not None},
        "Targets": [{"Id": "0", "Arn": target, "InputPath": "$.detail.responsePayload"}],
    }
    return {"Type": "AWS::Events::Rule", "Properties": properties}


def schedule(target: Any) -> dict[str, Any]:
    properties = {"ScheduleExpression": "rate(1 hour)", "Targets": [{"Id": "0", "Arn": target}]}
    return {"Type": "AWS::Events::Rule", "Properties": properties}


def latest(qualifier: str = "$LATEST") -> dict[str, Any]:
    return {"Fn::Join": ["", [att("Fn.Arn"), f":{qualifier}"]]}


def key(*statements: Any) -> dict[str, Any]:
    root = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
    policy = document(allow("kms:*", "*", Principal=root), *statements)
    return {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}


QUEUE = {"Type": "AWS::SQS::Queue"}
TOPIC = {"Type": "AWS::SNS::Topic"}
BUS = {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orders"}}
TO_QUEUE = {
    "Queue": QUEUE,
    "Role": role(allow("sqs:SendMessage", att("Queue.Arn"))),
    "Fn": function(),
    "Config": config(OnFailure=att("Queue.Arn")),
}
TO_BUS = {
    "Bus": BUS,
    "Role": role(allow("events:PutEvents", att("Bus.Arn"))),
    "Fn": function(),
    "Config": config(OnSuccess=att("Bus.Arn")),
    "TargetRole": role(),
    "Target": function("TargetRole"),
    "Rule": rule(att("Target.Arn")),
    "Permission": permission({"Ref": "Target"}, att("Rule.Arn")),
}
TO_TOPIC = {
    "Topic": TOPIC,
    "Role": role(allow("sns:Publish", {"Ref": "Topic"})),
    "Fn": function(),
    "Config": config(OnSuccess={"Ref": "Topic"}),
}
ALIAS = {
    "Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Fn"}}},
    "Live": {
        "Type": "AWS::Lambda::Alias",
        "Properties": {"FunctionName": {"Ref": "Fn"}, "Name": "live", "FunctionVersion": att("Version.Version")},
    },
}
MAPPING = {
    "Type": "AWS::Lambda::EventSourceMapping",
    "Properties": {"FunctionName": {"Ref": "Fn"}, "EventSourceArn": att("Work.Arn")},
}


@dataclass(frozen=True)
class Fault:
    """A template with one fault, the path of the fault, and the template without it."""

    name: str
    id: str
    path: tuple[str | int, ...]
    faulty: Template
    fixed: Template


def changed(base: dict[str, Any], *removed: str, **more: Any) -> Template:
    resources = {name: value for name, value in copy.deepcopy(base).items() if name not in removed}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {**resources, **copy.deepcopy(more)}}


def _at(name: str, *inner: str | int) -> tuple[str | int, ...]:
    return ("Resources", name, "Properties", *inner)


ON_FAILURE = ("DestinationConfig", "OnFailure", "Destination")
ON_SUCCESS = ("DestinationConfig", "OnSuccess", "Destination")
_ENCRYPTED = {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": att("Key.Arn")}}
_KMS = allow(["kms:GenerateDataKey*", "kms:Decrypt"], att("Key.Arn"))
_SELF = {
    "Role": role(allow("events:PutEvents", att("Bus.Arn"))),
    "Rule": rule(att("Fn.Arn")),
    "Permission": permission({"Ref": "Fn"}, att("Rule.Arn")),
}

FAULTS = [
    Fault(
        "fifo",
        "ELD101",
        _at("Config", *ON_FAILURE),
        changed(TO_QUEUE, Queue={"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": True}}),
        changed(TO_QUEUE),
    ),
    Fault(
        "bucket_on_success",
        "ELD102",
        _at("Config", *ON_SUCCESS),
        changed(
            TO_QUEUE,
            "Queue",
            Bucket={"Type": "AWS::S3::Bucket"},
            Role=role(allow("s3:PutObject", {"Fn::Sub": "${Bucket.Arn}/*"}), allow("s3:ListBucket", att("Bucket.Arn"))),
            Config=config(OnSuccess=att("Bucket.Arn")),
        ),
        changed(
            TO_QUEUE,
            "Queue",
            Bucket={"Type": "AWS::S3::Bucket"},
            Role=role(allow("s3:PutObject", {"Fn::Sub": "${Bucket.Arn}/*"}), allow("s3:ListBucket", att("Bucket.Arn"))),
            Config=config(OnFailure=att("Bucket.Arn")),
        ),
    ),
    Fault(
        "itself",
        "ELD103",
        _at("Config", *ON_FAILURE),
        changed(
            TO_QUEUE, "Queue", Role=role(allow("lambda:InvokeFunction", "*")), Config=config(OnFailure=att("Fn.Arn"))
        ),
        changed(
            TO_QUEUE,
            "Queue",
            Role=role(allow("lambda:InvokeFunction", "*")),
            OtherRole=role(),
            Other=function("OtherRole"),
            Config=config(OnFailure=att("Other.Arn")),
        ),
    ),
    Fault(
        "itself_by_its_alias",
        "ELD103",
        _at("Config", *ON_FAILURE),
        changed(
            {**TO_QUEUE, **ALIAS},
            "Queue",
            Role=role(allow("lambda:InvokeFunction", "*")),
            Config=config(OnFailure={"Ref": "Live"}),
        ),
        changed(TO_QUEUE),
    ),
    Fault(
        "a_ref_where_the_arn_belongs",
        "ELD104",
        _at("Config", *ON_FAILURE),
        changed(TO_QUEUE, Config=config(OnFailure={"Ref": "Queue"})),
        changed(TO_QUEUE),
    ),
    Fault(
        "two_configurations",
        "ELD105",
        _at("Second", "Qualifier"),
        changed(TO_QUEUE, Second=config(OnSuccess=att("Queue.Arn"))),
        changed(
            {**TO_QUEUE, **ALIAS}, Second=config(qualifier="live", OnSuccess=att("Queue.Arn")) | {"DependsOn": "Live"}
        ),
    ),
    Fault(
        "a_qualifier_that_does_not_exist",
        "ELD106",
        _at("Config", "Qualifier"),
        changed(TO_QUEUE, Config=config(qualifier="live", OnFailure=att("Queue.Arn"))),
        changed(
            {**TO_QUEUE, **ALIAS}, Config=config(qualifier="live", OnFailure=att("Queue.Arn")) | {"DependsOn": "Live"}
        ),
    ),
    Fault(
        "a_role_that_may_not_write",
        "ELD107",
        _at("Config", *ON_FAILURE),
        changed(TO_QUEUE, Role=role(allow("sqs:ReceiveMessage", att("Queue.Arn")))),
        changed(TO_QUEUE),
    ),
    Fault(
        "a_key_that_lets_nobody_in",
        "ELD201",
        _at("Config", *ON_FAILURE),
        changed(TO_QUEUE, Queue=_ENCRYPTED, Key=key()),
        changed(TO_QUEUE, Queue=_ENCRYPTED, Key=key(), Role=role(allow("sqs:SendMessage", att("Queue.Arn")), _KMS)),
    ),
    Fault(
        "the_source_of_awss_page",
        "ELD202",
        _at("Rule", "EventPattern", "source"),
        changed(TO_BUS, Rule=rule(att("Target.Arn"), source=["aws.lambda"])),
        changed(TO_BUS),
    ),
    Fault(
        "the_en_dash_of_awss_page",
        "ELD203",
        _at("Rule", "EventPattern", "detail-type"),
        changed(TO_BUS, Rule=rule(att("Target.Arn"), **{"detail-type": [SUCCESS.replace("-", "\N{EN DASH}")]})),
        changed(TO_BUS),
    ),
    Fault(
        "the_unqualified_arn",
        "ELD204",
        _at("Rule", "EventPattern", "resources"),
        changed(TO_BUS, Rule=rule(att("Target.Arn"), resources=[att("Fn.Arn")])),
        changed(TO_BUS),
    ),
    Fault(
        "a_rule_for_latest_where_an_alias_is_invoked",
        "ELD204",
        _at("Rule", "EventPattern", "resources"),
        changed({**TO_BUS, **ALIAS}, Config=config(qualifier="live", OnSuccess=att("Bus.Arn")) | {"DependsOn": "Live"}),
        changed(
            {**TO_BUS, **ALIAS},
            Config=config(qualifier="live", OnSuccess=att("Bus.Arn")) | {"DependsOn": "Live"},
            Rule=rule(att("Target.Arn"), resources=[latest("live")]),
        ),
    ),
    Fault(
        "another_bus",
        "ELD205",
        _at("Rule", "EventPattern"),
        changed(
            TO_BUS,
            Other={"Type": "AWS::Events::EventBus", "Properties": {"Name": "other"}},
            Rule={
                **rule(att("Target.Arn")),
                "Properties": {**rule(att("Target.Arn"))["Properties"], "EventBusName": {"Ref": "Other"}},
            },
        ),
        changed(TO_BUS),
    ),
    Fault(
        "what_a_record_does_not_have",
        "ELD206",
        _at("Rule", "EventPattern", "detail"),
        changed(TO_BUS, Rule=rule(att("Target.Arn"), detail={"responsecontext": {"statusCode": [200]}})),
        changed(TO_BUS, Rule=rule(att("Target.Arn"), detail={"responseContext": {"statusCode": [200]}})),
    ),
    Fault(
        "a_rule_without_permission",
        "ELD207",
        _at("Rule", "Targets", 0, "Arn"),
        changed(TO_BUS, "Permission"),
        changed(TO_BUS),
    ),
    Fault(
        "a_subscription_without_permission",
        "ELD208",
        ("Resources", "Subscription"),
        changed(
            TO_TOPIC,
            Queue=QUEUE,
            Subscription={
                "Type": "AWS::SNS::Subscription",
                "Properties": {"Protocol": "sqs", "TopicArn": {"Ref": "Topic"}, "Endpoint": att("Queue.Arn")},
            },
        ),
        changed(
            TO_TOPIC,
            Queue=QUEUE,
            Subscription={
                "Type": "AWS::SNS::Subscription",
                "Properties": {"Protocol": "sqs", "TopicArn": {"Ref": "Topic"}, "Endpoint": att("Queue.Arn")},
            },
            QueuePolicy=queue_policy("sns.amazonaws.com", {"Ref": "Topic"}),
        ),
    ),
    Fault(
        "an_age_without_time_for_the_retries",
        "WLD209",
        _at("Config", "MaximumEventAgeInSeconds"),
        changed(
            TO_QUEUE, Config=config(OnFailure=att("Queue.Arn"), MaximumEventAgeInSeconds=60, MaximumRetryAttempts=2)
        ),
        changed(
            TO_QUEUE, Config=config(OnFailure=att("Queue.Arn"), MaximumEventAgeInSeconds=60, MaximumRetryAttempts=0)
        ),
    ),
    Fault(
        "a_configuration_for_what_nobody_invokes",
        "WLD301",
        _at("Config", "Qualifier"),
        changed(
            {**TO_QUEUE, **ALIAS},
            Schedule=schedule({"Ref": "Live"}),
            Permission=permission({"Ref": "Live"}, att("Schedule.Arn")),
        ),
        changed(
            TO_QUEUE,
            Schedule=schedule(att("Fn.Arn")),
            Permission=permission({"Ref": "Fn"}, att("Schedule.Arn")),
        ),
    ),
    Fault(
        "a_function_that_only_a_queue_invokes",
        "WLD302",
        _at("Config", "DestinationConfig"),
        changed(
            TO_QUEUE,
            Work=QUEUE,
            Mapping=MAPPING,
            Role=role(allow("sqs:*", att("Queue.Arn")), allow("sqs:*", att("Work.Arn"))),
        ),
        changed(
            TO_QUEUE,
            Work=QUEUE,
            Mapping=MAPPING,
            Role=role(allow("sqs:*", att("Queue.Arn")), allow("sqs:*", att("Work.Arn"))),
            Schedule=schedule(att("Fn.Arn")),
            Permission=permission({"Ref": "Fn"}, att("Schedule.Arn")),
        ),
    ),
    Fault(
        "a_loop_over_a_bus",
        "ELD401",
        _at("Config", *ON_SUCCESS),
        changed(TO_BUS, "Target", "TargetRole", **_SELF),
        changed(TO_BUS),
    ),
    Fault(
        "a_loop_over_a_topic",
        "WLD402",
        _at("Config", *ON_SUCCESS),
        changed(
            TO_TOPIC,
            Subscription={
                "Type": "AWS::SNS::Subscription",
                "Properties": {"Protocol": "lambda", "TopicArn": {"Ref": "Topic"}, "Endpoint": att("Fn.Arn")},
            },
            Permission=permission({"Ref": "Fn"}, {"Ref": "Topic"}, "sns.amazonaws.com"),
        ),
        changed(TO_TOPIC),
    ),
]
