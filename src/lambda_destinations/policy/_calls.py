"""The condition keys that each service sends with its calls, with the source of each fact.

[K] IAM User Guide, "AWS global condition context keys" (the availability of each key). [L] AWS Lambda Developer Guide.
[E] Amazon EventBridge User Guide. [S] Amazon SNS and [Q] Amazon SQS Developer Guides. [M] AWS KMS Developer Guide.
For every other key of `aws:` or of the called service, AWS does not document whether it is sent: it is not known.
"""

from ._answers import UNKNOWN
from ._context import Value
from ._matching import part
from ._principals import Principal

ABSENT: Value = ()
MAYBE: Value = None

_ALWAYS: dict[str, Value] = {
    "aws:SecureTransport": "true",  # the services call each other over TLS
    "aws:CurrentTime": UNKNOWN,  # [K] always included
    "aws:EpochTime": UNKNOWN,
    "aws:UserAgent": UNKNOWN,
    "aws:TagKeys": ABSENT,  # [K] only where tags are passed in the request
    "aws:RequestTag/*": ABSENT,
    "aws:Referer": ABSENT,  # [K] not for programmatic requests
    "aws:Ec2InstanceSourceVpc": ABSENT,
    "aws:Ec2InstanceSourcePrivateIPv4": ABSENT,
    "aws:MultiFactorAuthAge": ABSENT,  # [K] only if MFA was used
}


def common(resource: str, account: str) -> dict[str, Value]:
    """The keys of every call on a resource."""
    return {
        **_ALWAYS,
        "aws:RequestedRegion": part(resource, 3) or UNKNOWN,
        "aws:ResourceAccount": account,
    }


def by_role(role: Principal, *, via_service: bool = False) -> dict[str, Value]:
    """The keys of a call with a role's credentials; `via_service` if a service passes them on (to KMS)."""
    return {
        "aws:TokenIssueTime": UNKNOWN,  # [K] always with temporary credentials
        "aws:ViaAWSService": "true" if via_service else "false",  # [K] false where a service role is used
        "aws:SourceArn": ABSENT,  # [K] only in calls that a service principal makes directly
        "aws:SourceAccount": ABSENT,
        "aws:SourceOrgID": ABSENT,
        "aws:SourceOrgPaths": ABSENT,
        "aws:SourceOwner": ABSENT,  # [S] set by some services when they publish, as aws:SourceAccount is
        "lambda:SourceFunctionArn": ABSENT,  # [L] not in calls that Lambda makes outside the execution environment
        "aws:CalledVia": MAYBE if via_service else ABSENT,  # [K] not where a service role is used
        "aws:CalledViaFirst": MAYBE if via_service else ABSENT,
        "aws:CalledViaLast": MAYBE if via_service else ABSENT,
        "kms:CallerAccount": role.account,  # [M]
    }


def by_service(service: str, source_arn: str) -> dict[str, Value]:
    """The keys of a call that a service makes as itself: they say for which resource it calls."""
    return {
        "aws:TokenIssueTime": MAYBE,
        "aws:ViaAWSService": "false",  # [K] true where a service uses the credentials of a principal
        "aws:SourceArn": source_arn,  # [K] [E] the rule, [S] the topic
        "aws:SourceAccount": part(source_arn, 4) or UNKNOWN,
        # Deprecated, and sent by services that are not listed [S]. Not by EventBridge, which needs its own [E]
        "aws:SourceOwner": ABSENT if service == "events.amazonaws.com" else MAYBE,
        "lambda:SourceFunctionArn": ABSENT,
    }


def put_events(outcome: str | None) -> dict[str, Value]:
    """The keys of an event that Lambda puts on a bus. `outcome` is "Success", "Failure", or None for either."""
    return {
        "events:source": "lambda",  # recorded; see the package's facts of the invocation record
        "events:detail-type": f"Lambda Function Invocation Result - {outcome or UNKNOWN}",
        "events:eventBusInvocation": "false",  # [E] true for what a rule sends to another bus
        "events:creatorAccount": ABSENT,
    }


def invoke() -> dict[str, Value]:
    """The keys of an invocation that does not come through a function URL or from Alexa."""
    return {
        "lambda:InvokedViaFunctionUrl": "false",
        "lambda:FunctionUrlAuthType": ABSENT,
        "lambda:EventSourceToken": ABSENT,
    }


def publish() -> dict[str, Value]:
    """The keys of Publish: the condition keys of SNS are sent with Subscribe only [S]."""
    return {"sns:Endpoint": ABSENT, "sns:Protocol": ABSENT}


def encrypt(target_arn: str, key_aliases: tuple[str, ...], *, role: bool) -> dict[str, Value]:
    """The keys of a service's call to KMS for a message or an object [M].

    If the caller is itself a service, AWS does not document whether KMS sees the service in between.
    """
    service, region = part(target_arn, 2), part(target_arn, 3) or UNKNOWN
    name, value = _ENCRYPTION_CONTEXT.get(service, (UNKNOWN, target_arn))
    via = f"{service}.{region}.amazonaws.com" + (UNKNOWN if part(target_arn, 1) not in ("aws", UNKNOWN) else "")
    return {
        "kms:ViaService": via if role else MAYBE,
        "kms:CallerAccount": MAYBE,
        "kms:ResourceAliases": key_aliases,
        "kms:KeyUsage": "ENCRYPT_DECRYPT",
        "kms:KeySpec": "SYMMETRIC_DEFAULT",  # [Q] [S] symmetric keys only
        "kms:EncryptionContextKeys": (name,),
        f"kms:EncryptionContext:{name}": f"{target_arn}{value}",
        "kms:GrantIsForAWSResource": ABSENT,  # sent with CreateGrant only
        "aws:SourceArn": ABSENT if role else MAYBE,
        "aws:SourceAccount": ABSENT if role else MAYBE,
    }


# The key of the encryption context, and what may follow the target's ARN in its value: for an object the value is its
# own ARN, or its bucket's ARN if the bucket has a bucket key.
_ENCRYPTION_CONTEXT = {
    "events": ("aws:events:event-bus:arn", ""),
    "s3": ("aws:s3:arn", UNKNOWN),
    "sns": ("aws:sns:topicArn", ""),
    "sqs": ("aws:sqs:arn", ""),
}
