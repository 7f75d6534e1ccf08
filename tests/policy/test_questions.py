"""Each kind of case comes in pairs: a case, and a similar case with another verdict."""

import json

import pytest

from lambda_destinations.policy import (
    UNKNOWN,
    Key,
    Principal,
    Request,
    decide,
    may_assume,
    may_deliver,
    service_may_deliver,
)
from support.generated_policies import QUEUE

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/source"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/source/source"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:source"
TARGET = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:target"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:orders"
BUS = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/orders"
RULE = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/orders/r"
BUCKET = "arn:aws:s3:::orders"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"


def policy(*statements, version="2012-10-17"):
    return {"Version": version, "Statement": list(statements)}


def allow(action="*", resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action="*", resource="*", **more):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def anyone(**condition):
    return {"Principal": "*", "Condition": condition}


def role(*statements, boundary=None, session="source"):
    return Principal.role(
        ROLE, session=session, identity=[policy(*statements)] if statements else [], boundary=boundary
    )


SENDER = allow(["sqs:SendMessage", "sns:Publish", "lambda:InvokeFunction", "events:PutEvents", "s3:*"])
KMS = allow(["kms:GenerateDataKey*", "kms:Decrypt"], KEY)
TO_ACCOUNT = allow("kms:*", Principal={"AWS": ROOT})
EVENTS = {"Principal": {"Service": "events.amazonaws.com"}}
SNS = {"Principal": {"Service": "sns.amazonaws.com"}}
TO_EVENTS = allow(["kms:GenerateDataKey*", "kms:Decrypt"], **EVENTS)
OPEN = policy(allow("sqs:SendMessage", QUEUE, **EVENTS))


def answers(verdict, decision):
    assert decision.verdict.value == verdict, decision.reason
    assert decision.reason
    assert UNKNOWN not in decision.reason


DELIVERIES = {
    "the role may": ("allowed", QUEUE, [SENDER], {}),
    "the role may not": ("denied", QUEUE, [], {}),
    "the role may something else": ("denied", QUEUE, [allow("sqs:ReceiveMessage")], {}),
    "the queue alone lets the role in": (
        "allowed",
        QUEUE,
        [],
        {"resource_policy": policy(allow("sqs:*", QUEUE, Principal={"AWS": ROLE}))},
    ),
    "the queue lets the account in": (
        "denied",
        QUEUE,
        [],
        {"resource_policy": policy(allow("sqs:*", QUEUE, Principal={"AWS": ACCOUNT}))},
    ),
    "TLS is enforced": (
        "allowed",
        QUEUE,
        [SENDER],
        {"resource_policy": policy(deny("sqs:*", QUEUE, **anyone(Bool={"aws:SecureTransport": "false"})))},
    ),
    "TLS is enforced in the role": (
        "allowed",
        TOPIC,
        [SENDER, deny(Condition={"Bool": {"aws:SecureTransport": "false"}})],
        {},
    ),
    "TLS is forbidden": (
        "denied",
        QUEUE,
        [SENDER],
        {"resource_policy": policy(deny("sqs:*", QUEUE, **anyone(Bool={"aws:SecureTransport": "true"})))},
    ),
    "the role's ARN is denied": (
        "denied",
        TOPIC,
        [SENDER],
        {"resource_policy": policy(deny("sns:*", TOPIC, **anyone(ArnEquals={"aws:PrincipalArn": ROLE})))},
    ),
    "all but the role's ARN are denied": (
        "allowed",
        TOPIC,
        [SENDER],
        {"resource_policy": policy(deny("sns:*", TOPIC, **anyone(ArnNotEquals={"aws:PrincipalArn": ROLE})))},
    ),
    "all but the session's ARN are denied": (
        "denied",
        TOPIC,
        [SENDER],
        {"resource_policy": policy(deny("sns:*", TOPIC, **anyone(ArnNotEquals={"aws:PrincipalArn": SESSION})))},
    ),
    "everyone with the role's ARN": (
        "allowed",
        QUEUE,
        [],
        {"resource_policy": policy(allow("sqs:*", QUEUE, **anyone(StringEquals={"aws:PrincipalArn": ROLE})))},
    ),
    "everyone with another ARN": (
        "denied",
        QUEUE,
        [],
        {"resource_policy": policy(allow("sqs:*", QUEUE, **anyone(StringEquals={"aws:PrincipalArn": ROLE + "x"})))},
    ),
    "NotPrincipal without the role": (
        "denied",
        BUCKET,
        [SENDER],
        {"resource_policy": policy(deny("s3:*", NotPrincipal={"AWS": ROLE + "x"}))},
    ),
    "NotPrincipal with session, role and account": (
        "allowed",
        BUCKET,
        [SENDER],
        {"resource_policy": policy(deny("s3:*", NotPrincipal={"AWS": [SESSION, ROLE, ROOT]}))},
    ),
    "NotPrincipal with the role alone": (
        "unknown",
        BUCKET,
        [SENDER],
        {"resource_policy": policy(deny("s3:*", NotPrincipal={"AWS": ROLE}))},
    ),
    "all but one source are denied": (
        "denied",
        QUEUE,
        [SENDER],
        {"resource_policy": policy(deny("sqs:*", QUEUE, **anyone(ArnNotEquals={"aws:SourceArn": RULE})))},
    ),
    "all but one source are denied, if there is one": (
        "allowed",
        QUEUE,
        [SENDER],
        {
            "resource_policy": policy(
                deny("sqs:*", QUEUE, **anyone(ArnNotEquals={"aws:SourceArn": RULE}, Null={"aws:SourceArn": "false"}))
            )
        },
    ),
    "the bus denies": (
        "denied",
        BUS,
        [SENDER],
        {"resource_policy": policy(deny("events:PutEvents", BUS, Principal="*"))},
    ),
    "the bus denies another": (
        "allowed",
        BUS,
        [SENDER],
        {"resource_policy": policy(deny("events:PutEvents", BUS, Principal={"AWS": ROLE + "x"}))},
    ),
    "events of lambda": (
        "allowed",
        BUS,
        [allow("events:PutEvents", BUS, Condition={"StringEquals": {"events:source": "lambda"}})],
        {},
    ),
    "events of aws.lambda": (
        "denied",
        BUS,
        [allow("events:PutEvents", BUS, Condition={"StringEquals": {"events:source": "aws.lambda"}})],
        {},
    ),
    "failures only, and it is one": (
        "allowed",
        BUS,
        [allow("events:PutEvents", BUS, Condition={"StringLike": {"events:detail-type": "* - Failure"}})],
        {"outcome": "Failure"},
    ),
    "failures only, and it is a success": (
        "denied",
        BUS,
        [allow("events:PutEvents", BUS, Condition={"StringLike": {"events:detail-type": "* - Failure"}})],
        {"outcome": "Success"},
    ),
    "failures only, and it may be either": (
        "unknown",
        BUS,
        [allow("events:PutEvents", BUS, Condition={"StringLike": {"events:detail-type": "* - Failure"}})],
        {},
    ),
    "not from a bus": (
        "allowed",
        BUS,
        [allow("events:PutEvents", BUS, Condition={"Bool": {"events:eventBusInvocation": "false"}})],
        {},
    ),
    "from a bus only": (
        "denied",
        BUS,
        [allow("events:PutEvents", BUS, Condition={"Bool": {"events:eventBusInvocation": "true"}})],
        {},
    ),
    "the alias is allowed": ("allowed", f"{TARGET}:live", [allow("lambda:InvokeFunction", f"{TARGET}:live")], {}),
    "all qualifiers are allowed": ("allowed", f"{TARGET}:live", [allow("lambda:InvokeFunction", f"{TARGET}:*")], {}),
    "the unqualified function is allowed": ("denied", f"{TARGET}:live", [allow("lambda:InvokeFunction", TARGET)], {}),
    "the function lets the role in": (
        "allowed",
        TARGET,
        [],
        {"resource_policy": policy(allow("lambda:InvokeFunction", TARGET, Principal={"AWS": ROLE}))},
    ),
    "the bucket's folder is enough": (
        "allowed",
        BUCKET,
        [allow("s3:PutObject", f"{BUCKET}/aws/lambda/*"), allow("s3:ListBucket", BUCKET)],
        {},
    ),
    "the function's own folder is enough": (
        "allowed",
        BUCKET,
        [allow("s3:PutObject", f"{BUCKET}/aws/lambda/async/source/*"), allow("s3:ListBucket", BUCKET)],
        {},
    ),
    "another function's folder": (
        "denied",
        BUCKET,
        [allow("s3:PutObject", f"{BUCKET}/aws/lambda/async/other/*"), allow("s3:ListBucket", BUCKET)],
        {},
    ),
    "the bucket without its objects": ("denied", BUCKET, [allow("s3:*", BUCKET)], {}),
    "the objects without the bucket": ("denied", BUCKET, [allow("s3:PutObject", f"{BUCKET}/*")], {}),
    "the account's own": (
        "allowed",
        QUEUE,
        [allow("sqs:SendMessage", Condition={"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}})],
        {},
    ),
    "not from Lambda's own code": (
        "denied",
        QUEUE,
        [allow("sqs:SendMessage", Condition={"ArnEquals": {"lambda:SourceFunctionArn": FUNCTION}})],
        {},
    ),
    "an organization that is not known": (
        "unknown",
        QUEUE,
        [SENDER],
        {"resource_policy": policy(deny("sqs:*", **anyone(StringNotEquals={"aws:PrincipalOrgID": "o-1"})))},
    ),
    "a default topic": ("allowed", TOPIC, [SENDER], {}),
    "a default topic, a role that may not": ("denied", TOPIC, [], {}),
    "a state machine": ("unknown", f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:s", [SENDER], {}),
    "another account, both sides": (
        "allowed",
        "arn:aws:sqs:us-east-1:999999999999:q",
        [SENDER],
        {"resource_policy": policy(allow("sqs:*", Principal={"AWS": ROOT}))},
    ),
    "another account, our side only": ("denied", "arn:aws:sqs:us-east-1:999999999999:q", [SENDER], {}),
    "another account, their side only": (
        "denied",
        "arn:aws:sqs:us-east-1:999999999999:q",
        [],
        {"resource_policy": policy(allow("sqs:*", Principal={"AWS": ROLE}))},
    ),
    "an account that is not known": ("unknown", f"arn:aws:sqs:us-east-1:{UNKNOWN}:q", [SENDER], {}),
    "a queue whose policy is not known": ("unknown", QUEUE, [SENDER], {"resource_policy": UNKNOWN}),
}


@pytest.mark.parametrize(("verdict", "destination", "statements", "more"), DELIVERIES.values(), ids=DELIVERIES)
def test_a_record_is_written_with_the_role(verdict, destination, statements, more):
    answers(verdict, may_deliver(role(*statements), FUNCTION, destination, **more))


def test_a_boundary_limits_grants_to_the_role_but_not_grants_to_its_session():
    bounded = role(SENDER, boundary=policy(allow("sns:*")))
    answers("denied", may_deliver(bounded, FUNCTION, QUEUE))
    answers("allowed", may_deliver(bounded, FUNCTION, TOPIC))
    for principal, verdict in ((ROLE, "denied"), (SESSION, "allowed"), ("*", "allowed")):
        given = policy(allow("sqs:SendMessage", QUEUE, Principal={"AWS": principal}))
        answers(verdict, may_deliver(bounded, FUNCTION, QUEUE, resource_policy=given))
    # AWS: NotPrincipal in a Deny always denies a principal that has a boundary
    spared = policy(deny("sns:*", NotPrincipal={"AWS": [SESSION, ROLE, ROOT]}))
    answers("denied", may_deliver(bounded, FUNCTION, TOPIC, resource_policy=spared))


KEYS = {
    "the account, and the role may": ("allowed", [SENDER, KMS], Key(KEY, policy(TO_ACCOUNT))),
    "the account, and the role may not": ("denied", [SENDER], Key(KEY, policy(TO_ACCOUNT))),
    "the key's default policy, and the role may": ("allowed", [SENDER, KMS], Key(KEY)),
    "the role alone": ("allowed", [SENDER], Key(KEY, policy(allow("kms:*", Principal={"AWS": ROLE})))),
    "another role alone": ("denied", [SENDER, KMS], Key(KEY, policy(allow("kms:*", Principal={"AWS": ROLE + "x"})))),
    "only one of the two actions": ("denied", [SENDER, allow("kms:GenerateDataKey", KEY)], Key(KEY)),
    "the key denies the role": (
        "denied",
        [SENDER, KMS],
        Key(KEY, policy(TO_ACCOUNT, deny("kms:*", Principal={"AWS": ROLE}))),
    ),
    "the key denies another role": (
        "allowed",
        [SENDER, KMS],
        Key(KEY, policy(TO_ACCOUNT, deny("kms:*", Principal={"AWS": ROLE + "x"}))),
    ),
    "the role's policy denies": (
        "denied",
        [SENDER, deny("kms:Decrypt")],
        Key(KEY, policy(allow("kms:*", Principal={"AWS": ROLE}))),
    ),
    "all but another role are denied": (
        "denied",
        [SENDER, KMS],
        Key(KEY, policy(TO_ACCOUNT, deny("kms:*", NotPrincipal={"AWS": ROLE + "x"}))),
    ),
    "a disabled key": ("denied", [SENDER, KMS], Key(KEY, enabled=False)),
    "a key that may be disabled": ("unknown", [SENDER, KMS], Key(KEY, enabled=None)),
    "a key whose policy is not known": ("unknown", [SENDER, KMS], Key(KEY, UNKNOWN)),
    "a key that is not known": ("unknown", [SENDER, KMS], UNKNOWN),
    "through the service": (
        "allowed",
        [SENDER, KMS],
        Key(
            KEY,
            policy(
                allow(
                    "kms:*",
                    **anyone(
                        StringEquals={"kms:ViaService": "sqs.us-east-1.amazonaws.com", "kms:CallerAccount": ACCOUNT}
                    ),
                )
            ),
        ),
    ),
    "through another service": (
        "denied",
        [SENDER, KMS],
        Key(KEY, policy(allow("kms:*", **anyone(StringEquals={"kms:ViaService": "sns.us-east-1.amazonaws.com"})))),
    ),
    "for the queue": (
        "allowed",
        [SENDER, KMS | {"Condition": {"StringEquals": {"kms:EncryptionContext:aws:sqs:arn": QUEUE}}}],
        Key(KEY),
    ),
    "for another queue": (
        "denied",
        [SENDER, KMS | {"Condition": {"StringEquals": {"kms:EncryptionContext:aws:sqs:arn": QUEUE + "x"}}}],
        Key(KEY),
    ),
    "by its alias": (
        "allowed",
        [SENDER, KMS | {"Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/orders"}}}],
        Key(KEY, aliases=("alias/other", "alias/orders")),
    ),
    "by another alias": (
        "denied",
        [SENDER, KMS | {"Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/orders"}}}],
        Key(KEY, aliases=("alias/other",)),
    ),
    "by an alias that it may have": (
        "unknown",
        [SENDER, KMS | {"Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/orders"}}}],
        Key(KEY),
    ),
    "the AWS managed key": ("allowed", [SENDER], "alias/aws/sqs"),
    "the AWS managed key, denied to the role": ("denied", [SENDER, deny("kms:*")], "alias/aws/sqs"),
    "the AWS managed key of another service": ("denied", [SENDER, KMS], "alias/aws/sns"),
}


@pytest.mark.parametrize(("verdict", "statements", "key"), KEYS.values(), ids=KEYS)
def test_the_key_of_a_queue_is_used_with_the_role(verdict, statements, key):
    answers(verdict, may_deliver(role(*statements), FUNCTION, QUEUE, key=key))


def test_a_bucket_needs_only_a_data_key_and_a_topic_to_decrypt_too():
    writes = role(SENDER, allow("kms:GenerateDataKey", KEY))
    answers("allowed", may_deliver(writes, FUNCTION, BUCKET, key=Key(KEY)))
    answers("denied", may_deliver(writes, FUNCTION, TOPIC, key=Key(KEY)))
    of_the_bucket = {"StringLike": {"kms:EncryptionContext:aws:s3:arn": f"{BUCKET}*"}}
    answers("allowed", may_deliver(role(SENDER, KMS | {"Condition": of_the_bucket}), FUNCTION, BUCKET, key=Key(KEY)))


def test_a_bus_encrypts_as_itself():
    for policies, verdict in (([TO_EVENTS], "allowed"), ([TO_ACCOUNT], "denied")):
        key = Key(KEY, policy(*policies))
        answers(verdict, may_deliver(role(SENDER, KMS), FUNCTION, BUS, key=key))
        answers(verdict, service_may_deliver("events.amazonaws.com", RULE, BUS, role=role(SENDER, KMS), key=key))


def test_an_aws_managed_key_can_be_used_in_its_account_only():
    theirs = QUEUE.replace(ACCOUNT, "999999999999")
    opened = policy(allow("sqs:*", Principal={"AWS": ROOT}))
    answers("allowed", may_deliver(role(SENDER), FUNCTION, theirs, resource_policy=opened))
    both = role(SENDER, allow("kms:*"))
    answers("denied", may_deliver(both, FUNCTION, theirs, resource_policy=opened, key="alias/aws/sqs"))


def test_a_service_calls_kms_with_the_role_and_the_role_itself_calls_the_queue():
    via = {"Condition": {"Bool": {"aws:ViaAWSService": "true"}}}
    answers("allowed", may_deliver(role(SENDER, KMS | via), FUNCTION, QUEUE, key=Key(KEY)))
    answers("denied", may_deliver(role(SENDER | via, KMS), FUNCTION, QUEUE, key=Key(KEY)))


def test_a_decision_names_the_action_that_it_is_about():
    assert may_deliver(role(SENDER, KMS), FUNCTION, QUEUE, key=Key(KEY)).action == "sqs:SendMessage"
    assert may_deliver(role(KMS), FUNCTION, QUEUE, key=Key(KEY)).action == "sqs:SendMessage"
    assert may_deliver(role(SENDER), FUNCTION, QUEUE, key=Key(KEY)).action == "kms:GenerateDataKey"
    for key in (UNKNOWN, Key(KEY, enabled=False), Key(KEY, enabled=None)):
        assert may_deliver(role(SENDER, KMS), FUNCTION, QUEUE, key=key).action.startswith("kms:")
    hop = service_may_deliver("events.amazonaws.com", RULE, QUEUE, resource_policy=OPEN, key="alias/aws/sqs")
    assert hop.action.startswith("kms:")
    assert "customer-managed" in hop.reason


def test_given_condition_keys_are_used():
    organization = deny("sqs:*", **anyone(StringNotEquals={"aws:PrincipalOrgID": "o-1"}))
    for value, verdict in (("o-1", "allowed"), ("o-2", "denied"), ((), "denied"), (None, "unknown")):
        context = {"aws:principalorgid": value}
        given = may_deliver(role(SENDER), FUNCTION, QUEUE, resource_policy=policy(organization), context=context)
        answers(verdict, given)


HOPS = {
    "rule to queue": ("allowed", RULE, QUEUE, {"resource_policy": OPEN}),
    "rule to queue without a policy": ("denied", RULE, QUEUE, {}),
    "rule to queue for another service": (
        "denied",
        RULE,
        QUEUE,
        {"resource_policy": policy(allow("sqs:SendMessage", QUEUE, **SNS))},
    ),
    "rule to queue for this rule": (
        "allowed",
        RULE,
        QUEUE,
        {
            "resource_policy": policy(
                allow("sqs:SendMessage", QUEUE, **EVENTS, Condition={"ArnEquals": {"aws:SourceArn": RULE}})
            )
        },
    ),
    "rule to queue for another rule": (
        "denied",
        RULE,
        QUEUE,
        {
            "resource_policy": policy(
                allow("sqs:SendMessage", QUEUE, **EVENTS, Condition={"ArnEquals": {"aws:SourceArn": RULE + "x"}})
            )
        },
    ),
    "rule to queue for this account": (
        "allowed",
        RULE,
        QUEUE,
        {
            "resource_policy": policy(
                allow("sqs:*", QUEUE, **EVENTS, Condition={"StringEquals": {"AWS:SourceAccount": ACCOUNT}})
            )
        },
    ),
    "rule to queue for every principal with this source": (
        "allowed",
        RULE,
        QUEUE,
        {
            "resource_policy": policy(
                allow(
                    "sqs:*",
                    QUEUE,
                    Principal={"AWS": "*"},
                    Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:events:*:{ACCOUNT}:rule/*"}},
                )
            )
        },
    ),
    "all but one source are denied": (
        "allowed",
        RULE,
        QUEUE,
        {
            "resource_policy": policy(
                allow("sqs:*", QUEUE, **EVENTS), deny("sqs:*", **anyone(ArnNotEquals={"aws:SourceArn": RULE}))
            )
        },
    ),
    "all but another source are denied": (
        "denied",
        RULE,
        QUEUE,
        {
            "resource_policy": policy(
                allow("sqs:*", QUEUE, **EVENTS), deny("sqs:*", **anyone(ArnNotEquals={"aws:SourceArn": RULE + "x"}))
            )
        },
    ),
    "TLS is enforced": (
        "allowed",
        RULE,
        QUEUE,
        {
            "resource_policy": policy(
                allow("sqs:*", QUEUE, **EVENTS), deny("sqs:*", **anyone(Bool={"aws:SecureTransport": "false"}))
            )
        },
    ),
    "all but services are denied": (
        "allowed",
        RULE,
        QUEUE,
        {
            "resource_policy": policy(
                allow("sqs:*", QUEUE, **EVENTS), deny("sqs:*", **anyone(Bool={"aws:PrincipalIsAWSService": "false"}))
            )
        },
    ),
    "rule to topic, the default policy": ("denied", RULE, TOPIC, {}),
    "rule to topic": ("allowed", RULE, TOPIC, {"resource_policy": policy(allow("sns:Publish", TOPIC, **EVENTS))}),
    "topic to queue": ("allowed", TOPIC, QUEUE, {"resource_policy": policy(allow("sqs:SendMessage", QUEUE, **SNS))}),
    "topic to queue in another region": (
        "allowed",
        TOPIC.replace("us-east-1", "eu-west-1"),
        QUEUE,
        {
            "resource_policy": policy(
                allow(
                    "sqs:SendMessage",
                    QUEUE,
                    **SNS,
                    Condition={"ArnEquals": {"aws:SourceArn": TOPIC.replace("us-east-1", "eu-west-1")}},
                )
            )
        },
    ),
    "rule to function": (
        "allowed",
        RULE,
        TARGET,
        {
            "resource_policy": policy(
                allow("lambda:InvokeFunction", TARGET, **EVENTS, Condition={"ArnLike": {"AWS:SourceArn": RULE}})
            )
        },
    ),
    "rule to alias, the permission is the function's": (
        "denied",
        RULE,
        f"{TARGET}:live",
        {"resource_policy": policy(allow("lambda:InvokeFunction", TARGET, **EVENTS))},
    ),
    "a permission for its URL": (
        "denied",
        RULE,
        TARGET,
        {
            "resource_policy": policy(
                allow("lambda:InvokeFunction", TARGET, **anyone(Bool={"lambda:InvokedViaFunctionUrl": "true"}))
            )
        },
    ),
    "rule to encrypted queue, the account only": (
        "denied",
        RULE,
        QUEUE,
        {"resource_policy": OPEN, "key": Key(KEY, policy(TO_ACCOUNT))},
    ),
    "rule to encrypted queue": (
        "allowed",
        RULE,
        QUEUE,
        {"resource_policy": OPEN, "key": Key(KEY, policy(TO_ACCOUNT, TO_EVENTS))},
    ),
    "rule to encrypted queue, the AWS managed key": (
        "denied",
        RULE,
        QUEUE,
        {"resource_policy": OPEN, "key": "alias/aws/sqs"},
    ),
    "rule to encrypted queue, a disabled key": (
        "denied",
        RULE,
        QUEUE,
        {"resource_policy": OPEN, "key": Key(KEY, policy(TO_EVENTS), enabled=False)},
    ),
    "rule to encrypted queue, a key for this rule": (
        "unknown",
        RULE,
        QUEUE,
        {
            "resource_policy": OPEN,
            "key": Key(KEY, policy(TO_EVENTS | {"Condition": {"ArnEquals": {"aws:SourceArn": RULE}}})),
        },
    ),
    "rule to state machine": ("unknown", RULE, f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:s", {}),
    "rule to bus without a role": ("unknown", RULE, BUS, {}),
    "rule to bus with a role": ("allowed", RULE, BUS, {"role": role(SENDER)}),
    "rule to bus with a role that may not": ("denied", RULE, BUS, {"role": role()}),
    "a service in its region": (
        "unknown",
        RULE,
        QUEUE,
        {"resource_policy": policy(allow("sqs:*", Principal={"Service": "events.eu-south-1.amazonaws.com"}))},
    ),
    "a source that is not known": (
        "unknown",
        UNKNOWN,
        QUEUE,
        {"resource_policy": policy(allow("sqs:*", **EVENTS, Condition={"ArnEquals": {"aws:SourceArn": RULE}}))},
    ),
}


@pytest.mark.parametrize(("verdict", "source", "target", "more"), HOPS.values(), ids=HOPS)
def test_a_service_sends_a_message_on(verdict, source, target, more):
    service = "sns.amazonaws.com" if ":sns:" in source else "events.amazonaws.com"
    answers(verdict, service_may_deliver(service, source, target, **more))


@pytest.mark.parametrize(
    ("verdict", "statement"),
    [
        ("allowed", {"Principal": {"Service": "lambda.amazonaws.com"}}),
        ("allowed", {"Principal": {"Service": ["edgelambda.amazonaws.com", "lambda.amazonaws.com"]}}),
        ("denied", {"Principal": {"Service": "ec2.amazonaws.com"}}),
        ("denied", {"Principal": {"AWS": ROOT}}),
        ("denied", {"Principal": {"Federated": "cognito-identity.amazonaws.com"}}),
        ("unknown", {"Principal": {"Service": f"lambda.{UNKNOWN}"}}),
        (
            "unknown",
            {
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
            },
        ),
        (
            "denied",
            {"Principal": {"Service": "lambda.amazonaws.com"}, "Condition": {"StringEquals": {"sts:ExternalId": "x"}}},
        ),
        ("denied", {"Principal": {"Service": "lambda.amazonaws.com"}, "Effect": "Deny"}),
        ("denied", {"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:TagSession"}),
    ],
)
def test_lambda_assumes_a_role_that_trusts_it(verdict, statement):
    answers(verdict, may_assume(policy({"Effect": "Allow", "Action": "sts:AssumeRole", **statement})))


def test_the_source_of_an_assumed_role_is_known_for_eventbridge_only():
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "events.amazonaws.com"}}
    for_rule = policy(trust | {"Condition": {"ArnEquals": {"aws:SourceArn": RULE}}})
    answers("allowed", may_assume(for_rule, "events.amazonaws.com", source_arn=RULE))
    answers("denied", may_assume(for_rule, "events.amazonaws.com", source_arn=RULE + "x"))
    answers("unknown", may_assume(for_rule, "events.amazonaws.com"))
    without = policy(trust | {"Condition": {"Null": {"aws:SourceArn": "true"}}})
    answers("unknown", may_assume(without, "events.amazonaws.com"))


def test_a_policy_may_be_json_text():
    text = json.dumps(policy(SENDER))
    answers("allowed", may_deliver(Principal.role(ROLE, identity=[text]), FUNCTION, QUEUE))
    answers("allowed", decide(Request(Principal.role(ROLE, identity=[text]), "SQS:sendmessage", QUEUE)))
