"""Limits, names and error texts of Lambda, EventBridge, SQS and SNS, each written once.

It imports only the standard library, so that the constructs, the local engine and the rules can share it.
"""

MIN_AGE, MAX_AGE, DEFAULT_AGE = 60, 21_600, 21_600
"""Seconds: https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html"""
MAX_RETRIES = DEFAULT_RETRIES = 2
"""https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html"""
RETRY_DELAYS = (60, 120)
"""Seconds before the first and the second retry."""
MAX_PAYLOAD = 1_048_576
"""Bytes of an asynchronous payload, an SQS message or an EventBridge entry. The envelope counts too."""
MAX_SNS_MESSAGE = 262_144
"""Bytes of an SNS message, unless the topic raises its `MaximumMessageSize`."""
MAX_CHAIN = 16
"""Lambda stops a recursion after about this many runs in one chain."""
MAX_TARGETS = 5
"""Targets of one rule: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"""

MAX_RESOURCES = 500
"""Resources of one template."""

EVENT_SOURCE = "lambda"


def detail_type(outcome: str) -> str:
    """Return the detail-type of a record on an event bus.

    :param outcome: "Success" or "Failure"
    """
    return f"Lambda Function Invocation Result - {outcome}"


SUCCESS_DETAIL_TYPE, FAILURE_DETAIL_TYPE = detail_type("Success"), detail_type("Failure")

SERVICES = {"sqs": "a queue", "sns": "a topic", "lambda": "a function", "events": "an event bus", "s3": "a bucket"}
"""The five kinds of destinations, by the service in their ARN."""
DEAD_LETTER_SERVICES = ("sqs", "sns")

REDRIVE_COUNTS = "lambda-destinations/redrives/"
"""Below this prefix of a bucket, `redrive` and its construct keep how often each event was redriven."""

AGE_BELOW_RETRY = (
    "a max_event_age of {age:.0f} s leaves time for {possible} of {wanted:.0f} retries: Lambda retries after 1 and 2 "
    "minutes, and ends an event at once when its next retry would be too late; raise max_event_age to "
    "180 s or more, or set retry_attempts to what fits"
)


def retries_within(age: float) -> int:
    """Return how many retries fit into a maximum age in seconds.

    Lambda looks ahead: it makes a retry only if that starts before the event is too old.
    """
    return 0 if age <= RETRY_DELAYS[0] else 1 if age < sum(RETRY_DELAYS) else 2


def age_below_retry(age: float, wanted: float) -> str | None:
    """Return an error text if a maximum age in seconds is too short for the wanted retries, else None."""
    possible = retries_within(age)
    return AGE_BELOW_RETRY.format(age=age, possible=possible, wanted=wanted) if possible < wanted else None


def not_an_arn_of(name: str, arn: str, service: str) -> str:
    """Return the error text for a resource whose ARN is not one of this service."""
    return f"{name} has the ARN {arn!r}, which is not that of {SERVICES[service]}: import what the records should go to"


def fifo(name: str) -> str:
    """Return the error text for a FIFO queue or topic."""
    return f"{name} is FIFO, which Lambda refuses as a destination: use a standard one"


def itself(name: str) -> str:
    """Return the error text for a function that would be its own destination."""
    return (
        f"{name} would be its own destination, which Lambda refuses, also by an alias or a version: use another "
        "function or a queue"
    )


def bucket_on_success(name: str) -> str:
    """Return the error text for a bucket as an on-success destination."""
    return (
        f"{name} is for on_failure, Lambda refuses a bucket as on_success: use SqsDestination, SnsDestination, "
        "EventBridgeDestination or LambdaDestination"
    )
