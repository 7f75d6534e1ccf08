"""Random requests, with the policies that decide them. The same seed gives the same requests."""

import random
from dataclasses import dataclass
from typing import Any

HOME, OTHER = "123456789012", "999999999999"
ROLE = f"arn:aws:iam::{HOME}:role/service-role/source"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/source/run"
USER = f"arn:aws:iam::{HOME}:user/team/ann"
SERVICE = "events.amazonaws.com"
RULE = f"arn:aws:events:us-east-1:{HOME}:rule/orders"
QUEUE = f"arn:aws:sqs:us-east-1:{HOME}:orders"

CALLS = [
    ("sqs:SendMessage", "arn:aws:sqs:us-east-1:{}:orders"),
    ("sqs:ReceiveMessage", "arn:aws:sqs:us-east-1:{}:orders.fifo"),
    ("sns:Publish", "arn:aws:sns:us-east-1:{}:orders"),
    ("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:{}:function:target:live"),
    ("events:PutEvents", "arn:aws:events:us-east-1:{}:event-bus/orders"),
    ("s3:PutObject", "arn:aws:s3:::orders/aws/lambda/async/source/x"),
    ("s3:ListBucket", "arn:aws:s3:::orders"),
    ("kms:Decrypt", "arn:aws:kms:us-east-1:{}:key/11111111-2222-3333-4444-555555555555"),
    ("kms:GenerateDataKey", "arn:aws:kms:us-east-1:{}:key/11111111-2222-3333-4444-555555555555"),
    ("sts:AssumeRole", "arn:aws:iam::{}:role/target"),
]
# By operator: values of a request, and values of a policy.
STRINGS = (
    ["orders", "Orders", "ord", "a/b", "*", ""],
    ["orders", "ORDERS", "ord*", "?rders", "a/*", "*", "${aws:username}"],
)
ARNS = (
    [RULE, RULE + "-2", f"arn:aws:sns:us-east-1:{OTHER}:orders", ROLE],
    [
        RULE,
        f"arn:aws:events:*:{HOME}:rule/*",
        "arn:aws:sns:*:*:orders",
        f"arn:aws:events:us-east-?:{HOME}:rule/o*",
        ROLE,
    ],
)
NUMBERS = (["1", "10", "10.0", "-3"], ["1", "10", "3.5", "-3"])
DATES = (
    ["2026-01-01T00:00:00Z", "2026-06-01T12:30:00Z", "1780000000"],
    ["2026-01-01T00:00:00Z", "2026-05-01T00:00:00Z", "2027-01-01T00:00:00Z", "1780000000"],
)
BOOLS = (["true", "false"], ["true", "false"])
ADDRESSES = (["10.1.2.3", "192.0.2.7", "2001:db8::1"], ["10.0.0.0/8", "192.0.2.7", "192.0.2.0/24", "2001:db8::/32"])
BINARIES = (["b3JkZXJz", "b3Jk"], ["b3JkZXJz", "b3Jk"])
KINDS: dict[str, tuple[tuple[list[str], list[str]], list[str]]] = {
    "String": (STRINGS, ["Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike"]),
    "Arn": (ARNS, ["Equals", "NotEquals", "Like", "NotLike"]),
    "Numeric": (NUMBERS, ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]),
    "Date": (DATES, ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]),
    "Bool": (BOOLS, [""]),
    "IpAddress": (ADDRESSES, [""]),
    "NotIpAddress": (ADDRESSES, [""]),
    "BinaryEquals": (BINARIES, [""]),
}
KEYS = {kind: f"aws:{kind}" for kind in KINDS} | {
    "String": "aws:SourceAccount",
    "Arn": "aws:SourceArn",
    "Numeric": "aws:MultiFactorAuthAge",
    "Date": "aws:CurrentTime",
    "Bool": "aws:SecureTransport",
    "IpAddress": "aws:SourceIp",
    "NotIpAddress": "aws:SourceIp",
    "BinaryEquals": "aws:PrincipalOrgID",
}
MULTIVALUED = "aws:TagKeys"


@dataclass
class Case:
    """A request, and everything that decides it."""

    kind: str
    action: str
    resource: str
    account: str
    context: dict[str, Any]
    identity: list[dict[str, Any]]
    boundary: list[dict[str, Any]] | None
    resource_policy: dict[str, Any] | None

    @property
    def principal(self) -> str:
        return {"role": SESSION, "user": USER, "service": SERVICE}[self.kind]

    def simulation(self) -> dict[str, Any]:
        """The case in the form for iam-simulate."""
        found: dict[str, Any] = {
            "request": {
                "principal": self.principal,
                "action": self.action,
                "resource": {"resource": self.resource, "accountId": self.account},
                "contextVariables": self.context,
            },
            "identityPolicies": _named(self.identity),
            "serviceControlPolicies": [],
            "resourceControlPolicies": [],
        }
        if self.resource_policy is not None:
            found["resourcePolicy"] = self.resource_policy
        if self.boundary is not None:
            found["permissionBoundaryPolicies"] = _named(self.boundary)
        return found


def cases(number: int, seed: int) -> list[Case]:
    """Random cases, this number of them."""
    dice = random.Random(seed)  # noqa: S311  (nothing secret)
    return [_case(dice) for _ in range(number)]


def _named(policies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"name": str(number), "policy": policy} for number, policy in enumerate(policies)]


def _case(dice: random.Random) -> Case:
    kind = dice.choice(["role", "role", "role", "user", "service"])
    account = dice.choice([HOME, HOME, HOME, OTHER])
    action, resource = dice.choice(CALLS)
    resource = resource.format(account)
    context = _context(dice, kind)
    own = [] if kind == "service" else [_policy(dice, action, resource, named=False) for _ in range(dice.randint(0, 2))]
    bounded = kind != "service" and dice.random() < 0.3
    boundary = [_policy(dice, action, resource, named=False)] if bounded else None
    must = action.startswith(("kms:", "sts:"))
    given = _policy(dice, action, resource, named=True) if must or dice.random() < 0.7 else None
    return Case(kind, action, resource, account, context, own, boundary, given)


def _context(dice: random.Random, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {KEYS[each]: dice.choice(KINDS[each][0][0]) for each in KINDS if dice.random() < 0.7}
    if dice.random() < 0.7:
        found[MULTIVALUED] = dice.sample(STRINGS[0][:4], dice.randint(1, 3))
    if kind != "service":
        found["aws:PrincipalArn"] = ROLE if kind == "role" else USER
        found["aws:PrincipalAccount"] = HOME
    if kind == "user":
        found["aws:username"] = "ann"
    return found


def _policy(dice: random.Random, action: str, resource: str, *, named: bool) -> dict[str, Any]:
    found = {
        "Version": dice.choice(["2012-10-17", "2012-10-17", "2008-10-17"]),
        "Statement": [_statement(dice, action, resource, named=named) for _ in range(dice.randint(1, 3))],
    }
    return found if dice.random() < 0.9 else found | {"Statement": found["Statement"][0]}


def _statement(dice: random.Random, action: str, resource: str, *, named: bool) -> dict[str, Any]:
    effect = dice.choice(["Allow", "Allow", "Allow", "Deny"])
    found: dict[str, Any] = {"Effect": effect}
    service, name = action.split(":")
    actions = [
        action,
        action.upper(),
        f"{service}:*",
        "*",
        f"{service}:{name[:4]}*",
        "sqs:Get*",
        f"{service}:?{name[1:]}",
        "dynamodb:*",
    ]
    found["NotAction" if dice.random() < 0.15 else "Action"] = _few(dice, actions)
    if not (named and action.startswith("sts:")):
        start, end = resource.rsplit(":", 1)
        resources = [resource, "*", f"{start}:*", f"{resource[:-2]}*", f"{resource[:-1]}?", f"{start}:{end.upper()}"]
        resources += ["arn:aws:*", f"{start}:${{aws:username}}", f"{resource}x"]
        found["NotResource" if dice.random() < 0.15 else "Resource"] = _few(dice, resources)
    if named:
        found |= _principal(dice, effect)
    if dice.random() < 0.5:
        found["Condition"] = _conditions(dice)
    return found


def _principal(dice: random.Random, effect: str) -> dict[str, Any]:
    names = [ROLE, SESSION, USER, f"arn:aws:iam::{HOME}:root", HOME, f"arn:aws:iam::{OTHER}:root", ROLE + "x", "*"]
    if effect == "Deny" and dice.random() < 0.2:
        all_ = [f"arn:aws:iam::{HOME}:root", ROLE, SESSION]
        return {"NotPrincipal": dice.choice([{"AWS": all_}, {"AWS": USER + "x"}, {"Service": SERVICE}])}
    if dice.random() < 0.2:
        return {"Principal": "*"}
    found = {}
    if dice.random() < 0.8:
        found["AWS"] = _few(dice, names)
    if not found or dice.random() < 0.4:
        found["Service"] = _few(dice, [SERVICE, "sns.amazonaws.com", "lambda.amazonaws.com"])
    return {"Principal": found}


def _conditions(dice: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(dice.randint(1, 2)):
        kind = dice.choice(list(KINDS))
        (_, wanted), names = KINDS[kind]
        operator, key = kind + dice.choice(names), KEYS[kind]
        if dice.random() < 0.2:
            operator, key = (
                dice.choice(["ForAnyValue:", "ForAllValues:"]) + "String" + dice.choice(KINDS["String"][1]),
                MULTIVALUED,
            )
            wanted = STRINGS[1]
        if dice.random() < 0.25:
            operator += "IfExists"
        if dice.random() < 0.1:
            operator, wanted = "Null", ["true", "false"]
            found[operator] = {dice.choice([key, key.lower()]): dice.choice(wanted)}
            continue
        found[operator] = {dice.choice([key, key.lower(), key.replace("aws:", "AWS:")]): _few(dice, wanted)}
    return found


def _few(dice: random.Random, texts: list[str]) -> Any:
    found = dice.sample(texts, dice.choice([1, 1, 2]))
    return found[0] if len(found) == 1 and dice.random() < 0.6 else found
