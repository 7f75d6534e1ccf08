"""What Lambda, EventBridge, SQS and SNS document of asynchronous results, once: limits, words, sentences.

Standard library only, so that the constructs, the local proof and the rules can all say the same thing.
"""

MIN_AGE, MAX_AGE, DEFAULT_AGE = 60, 21_600, 21_600
"""Seconds: https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html"""
MAX_RETRIES = DEFAULT_RETRIES = 2
"""https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html"""
RETRY_DELAYS = (60, 120)
"""Seconds before the first and the second retry."""
MAX_PAYLOAD = 1_048_576
"""Bytes of an asynchronous payload, an SQS message and an EventBridge entry, the envelope counted."""
MAX_SNS_MESSAGE = 262_144
"""Bytes of an SNS message, unless the topic raises its `MaximumMessageSize`."""
MAX_CHAIN = 16
"""Runs in one chain, about, after which Lambda stops a recursion."""
MAX_TARGETS = 5
"""Targets of a rule: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"""

MAX_RESOURCES = 500
"""Resources of a template."""

EVENT_SOURCE = "lambda"


def detail_type(outcome: str) -> str:
    """Return the detail-type of a record on a bus; `outcome` is "Success" or "Failure", or what stands for either."""
    return f"Lambda Function Invocation Result - {outcome}"


SUCCESS_DETAIL_TYPE, FAILURE_DETAIL_TYPE = detail_type("Success"), detail_type("Failure")

SERVICES = {"sqs": "a queue", "sns": "a topic", "lambda": "a function", "events": "an event bus", "s3": "a bucket"}
"""The five kinds of destinations by the service in their ARN."""
DEAD_LETTER_SERVICES = ("sqs", "sns")

AGE_BELOW_RETRY = (
    "a max_event_age of {age:.0f} s leaves time for {possible} of {wanted:.0f} retries: Lambda retries after 1 and 2 "
    "minutes, and ends an event at once when its next retry would be too late; raise max_event_age to more than "
    "180 s, or set retry_attempts to what fits"
)


def retries_within(age: float) -> int:
    """Return how many retries fit into an age in seconds: Lambda looks ahead, so the next one must start before it."""
    return 0 if age <= RETRY_DELAYS[0] else 1 if age < sum(RETRY_DELAYS) else 2


def age_below_retry(age: float, wanted: float) -> str | None:
    """Say that an age in seconds leaves no time for the wanted retries, None if it does."""
    possible = retries_within(age)
    return AGE_BELOW_RETRY.format(age=age, possible=possible, wanted=wanted) if possible < wanted else None


def not_an_arn_of(name: str, arn: str, service: str) -> str:
    """Say that a resource has another kind of ARN than its service's."""
    return f"{name} has the ARN {arn!r}, which is not that of {SERVICES[service]}: import what the records should go to"


def fifo(name: str) -> str:
    """Say that a queue or topic is FIFO."""
    return f"{name} is FIFO, which Lambda refuses as a destination: use a standard one"


def itself(name: str) -> str:
    """Say that a function would be its own destination."""
    return (
        f"{name} would be its own destination, which Lambda refuses, also by an alias or a version: use another "
        "function or a queue"
    )


def bucket_on_success(name: str) -> str:
    """Say that a bucket takes failures only."""
    return (
        f"{name} is for on_failure, Lambda refuses a bucket as on_success: use SqsDestination, SnsDestination, "
        "EventBridgeDestination or LambdaDestination"
    )
