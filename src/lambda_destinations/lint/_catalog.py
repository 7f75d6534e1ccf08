"""The catalog of the rules: the id of each, what it reports, and why. The first letter of an id is its severity."""

from dataclasses import dataclass

_LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg"
_RECORDS = f"{_LAMBDA}/invocation-async-retain-records.html"
_ERRORS = f"{_LAMBDA}/invocation-async-error-handling.html"
_LOOPS = f"{_LAMBDA}/invocation-recursion.html"
_EVENTS = "https://docs.aws.amazon.com/eventbridge/latest/userguide"
_SEVERITIES = {"E": "error", "W": "warning"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule.

    :ivar id: starts with `E` if something is refused or lost, and with `W` if something never happens, is stopped by
        Lambda or has too little time
    :ivar codes: the codes of the findings that it reports
    :ivar title: how it should be
    :ivar reason: why it should be so
    :ivar source: the page of AWS that documents it
    """

    id: str
    codes: tuple[str, ...]
    title: str
    reason: str
    source: str

    @property
    def severity(self) -> str:
        """`error` or `warning`, from the first letter of the id."""
        return _SEVERITIES[self.id[0]]


NOT_JUDGED = Entry(
    "ELD001",
    ("not-judged",),
    "The template can be judged",
    "Conditions, parameters and references are resolved as CloudFormation does before anything is judged",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html",
)
FIFO = Entry(
    "ELD101",
    ("fifo-destination",),
    "A destination is a standard queue or topic",
    "Lambda refuses a FIFO queue or topic as a destination",
    _RECORDS,
)
BUCKET_ON_SUCCESS = Entry(
    "ELD102",
    ("bucket-on-success",),
    "A bucket is an on-failure destination",
    "Lambda refuses a bucket as on-success destination",
    _RECORDS,
)
OWN_DESTINATION = Entry(
    "ELD103",
    ("own-destination",),
    "A function is not its own destination",
    "Lambda refuses the function itself, also by an alias or a version",
    _RECORDS,
)
NOT_A_DESTINATION = Entry(
    "ELD104",
    ("not-a-destination",),
    "A destination is the ARN of a queue, topic, function, event bus or bucket",
    "Lambda refuses anything else, a queue's URL for example",
    _RECORDS,
)
SECOND_CONFIGURATION = Entry(
    "ELD105",
    ("second-configuration",),
    "A function has one configuration for each qualifier",
    "Lambda refuses a second configuration for the same qualifier",
    _ERRORS,
)
NO_SUCH_QUALIFIER = Entry(
    "ELD106",
    ("no-such-qualifier",),
    "A configuration is for a version or an alias that exists",
    "Lambda refuses a qualifier that the function does not have",
    _ERRORS,
)
ROLE_PERMISSION = Entry(
    "ELD107",
    ("role-permission",),
    "The role of a function may write to its destinations",
    "Lambda refuses a configuration whose destination the role may not write to",
    _RECORDS,
)
ROLE_NOT_ASSUMABLE = Entry(
    "ELD108",
    ("role-not-assumable",),
    "Lambda may assume the role of a function",
    "Lambda refuses a role whose trust policy does not name Lambda",
    f"{_LAMBDA}/lambda-intro-execution-role.html",
)
POLICY_AFTER_CONFIGURATION = Entry(
    "ELD109",
    ("policy-after-configuration",),
    "The role has its policy before the configuration is put",
    "Lambda checks the role when the configuration is created",
    _RECORDS,
)
DEAD_LETTERS = Entry(
    "ELD110",
    ("dead-letter-kind", "fifo-dead-letter"),
    "Dead letters go to a standard queue or topic",
    "Lambda refuses anything else",
    f"{_LAMBDA}/invocation-async-retain-records.html#invocation-dlq",
)
RESERVED_VARIABLE = Entry(
    "ELD111",
    ("reserved-variable", "variable-name"),
    "Environment variables have names that Lambda accepts",
    "Lambda refuses the names of its own variables, and names of another form",
    f"{_LAMBDA}/configuration-envvars.html",
)
RULE_REFUSED = Entry(
    "ELD112",
    (
        "event-pattern",
        "too-many-targets",
        "two-inputs",
        "no-message-group",
        "unknown-placeholder",
        "quoted-placeholder",
    ),
    "EventBridge accepts the rule and its targets",
    "EventBridge refuses the rule, or never delivers",
    f"{_EVENTS}/eb-targets.html",
)
KEY_PERMISSION = Entry(
    "ELD201",
    ("key-permission",),
    "The sender may use the key of an encrypted destination or target",
    "Lambda accepts a destination whose key it may not use, and then loses every record",
    _RECORDS,
)
RULE_SOURCE = Entry(
    "ELD202",
    ("rule-source",),
    "A rule for invocation records waits for the source that Lambda sends",
    "The events have the source lambda, although one page of AWS says otherwise",
    _RECORDS,
)
RULE_DETAIL_TYPE = Entry(
    "ELD203",
    ("rule-detail-type",),
    "A rule for invocation records waits for a detail-type that Lambda sends",
    "The detail-types have an ASCII hyphen, and end in Success or Failure",
    _RECORDS,
)
RULE_RESOURCES = Entry(
    "ELD204",
    ("rule-resources",),
    "A rule for invocation records names the function with the qualifier that is invoked",
    "Records carry the function's ARN with the qualifier that was invoked, or with :$LATEST",
    _RECORDS,
)
RULE_BUS = Entry(
    "ELD205",
    ("rule-bus",),
    "A rule for invocation records is on the bus that they are sent to",
    "A rule sees the events of its own bus only",
    f"{_EVENTS}/eb-rules.html",
)
RULE_DETAIL = Entry(
    "ELD206",
    ("rule-detail",),
    "A rule for invocation records waits for something that a record has",
    "The detail of the event is the record, and the payloads are members of the record",
    _RECORDS,
)
RULE_TARGET_PERMISSION = Entry(
    "ELD207",
    ("rule-target-permission",),
    "A rule that passes records on may deliver to its target",
    "EventBridge drops the event if the policy of the target does not allow the rule to deliver",
    f"{_EVENTS}/eb-use-resource-based.html",
)
SUBSCRIPTION_PERMISSION = Entry(
    "ELD208",
    ("subscription-permission",),
    "A topic that passes records on may deliver to its subscribers",
    "SNS drops the message if the policy of the queue or function does not allow the topic to deliver",
    "https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html",
)
AGE_BELOW_RETRY = Entry(
    "WLD209",
    ("age-below-retry",),
    "The maximum event age leaves time for the retries",
    "Lambda retries after one and two minutes, and ends an event at once if a retry would be too late",
    _ERRORS,
)
NEVER_QUALIFIER = Entry(
    "WLD301",
    ("never-qualifier",),
    "A configuration is for a qualifier that is invoked",
    "A configuration is for one qualifier; versions and aliases do not inherit it",
    _ERRORS,
)
NEVER_ASYNCHRONOUS = Entry(
    "WLD302",
    ("never-asynchronous",),
    "A function with destinations is invoked asynchronously",
    "Destinations are for asynchronous invocations; a caller that waits gets the response itself",
    f"{_LAMBDA}/lambda-invocation.html",
)
ENDLESS_LOOP = Entry(
    "ELD401",
    ("endless-loop",),
    "Records do not go round in a loop over an event bus",
    "Lambda does not detect a loop with an event bus in it, so that it runs until something else stops it",
    _LOOPS,
)
LOOP = Entry(
    "WLD402",
    ("loop",),
    "Records do not go round in a loop",
    "Lambda stops a loop over functions, queues and topics after about 16 runs",
    _LOOPS,
)

CATALOG = tuple(each for each in dict(globals()).values() if isinstance(each, Entry))
BY_CODE = {code: entry for entry in CATALOG for code in entry.codes}


def severity_of(code: str) -> str:
    """Return the severity of the rule that reports a code: `error` or `warning`."""
    return BY_CODE[code].severity


def kind_of(code: str) -> str:
    """Return what happens because of a fault: `refused` by Lambda, records `lost`, or only `warned`."""
    entry = BY_CODE[code]
    if entry.severity == "warning":
        return "warned"
    return "refused" if entry.id.startswith("ELD1") else "lost"
