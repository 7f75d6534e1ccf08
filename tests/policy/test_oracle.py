"""10,000 generated requests: ours and iam-simulate's answer are the same, except for the differences named here."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from lambda_destinations.policy import Principal, Request, decide
from support.generated_policies import ROLE, SERVICE, SESSION, USER, Case, cases
from support.iam_simulate import simulate, simulator

NUMBER, SEED = 10_000, 20261124


@dataclass(frozen=True)
class Difference:
    """Why the two differ, by AWS's documentation; the cases it applies to; and our answers in them."""

    reason: str
    applies: Callable[[Case], bool]
    ours: str


def policies(case):
    return [*case.identity, *(case.boundary or []), *([case.resource_policy] if case.resource_policy else [])]


def statements(case):
    for policy in policies(case):
        given = policy["Statement"]
        for statement in given if isinstance(given, list) else [given]:
            yield policy["Version"], statement


def conditions(case):
    for version, statement in statements(case):
        for operator, keys in statement.get("Condition", {}).items():
            for key, values in keys.items():
                yield version, operator, key.lower(), values if isinstance(values, list) else [values]


def old_variable(case):
    return any(version == "2008-10-17" and "${" in json.dumps(statement) for version, statement in statements(case))


def any_value_if_exists(case):
    return any(
        operator.startswith("ForAnyValue:") and operator.endswith("IfExists") and "aws:TagKeys" not in case.context
        for _, operator, _, _ in conditions(case)
    )


def lacking_variable(case):
    no_name = "aws:username" not in case.context
    negated = any("Not" in operator and "${" in str(values) for _, operator, _, values in conditions(case))
    other = any("${" in json.dumps(statement.get("NotResource", "")) for _, statement in statements(case))
    return no_name and (negated or other)


def mixed_addresses(case):
    six = ":" in case.context.get("aws:SourceIp", "")
    return any(
        operator.startswith("NotIpAddress") and any((":" in value) != six for value in values)
        for _, operator, _, values in conditions(case)
    )


def epoch_beside_date(case):
    seconds = case.context.get("aws:CurrentTime", "-").isdigit()
    return any(
        operator.startswith("Date") and any(value.isdigit() != seconds for value in values)
        for _, operator, _, values in conditions(case)
    )


DIFFERENCES = {
    "seconds compared with a date": Difference(
        "IAM User Guide, date operators: a date may be given in ISO 8601 or in epoch time; 1780000000 is 2026-05-28",
        epoch_beside_date,
        "allowed denied",
    ),
    "variables before 2012-10-17": Difference(
        "IAM User Guide, policy variables: without the version 2012-10-17 they are treated as literal strings",
        old_variable,
        "allowed denied unknown",
    ),
    "ForAnyValue with IfExists": Difference(
        "IAM User Guide, ...IfExists: if the key is not present, the condition element is true",
        any_value_if_exists,
        "allowed denied",
    ),
    "a variable without a value": Difference(
        'IAM User Guide, policy variables: it "might cause the entire statement to be invalid": not known',
        lacking_variable,
        "unknown",
    ),
    "NotPrincipal that names a part": Difference(
        'IAM User Guide, NotPrincipal: without the session, the role and the account it "might" deny: not known',
        lambda case: any("NotPrincipal" in statement for _, statement in statements(case)),
        "unknown",
    ),
    "NotIpAddress of the other family": Difference(
        "IAM User Guide, IP address operators: NotIpAddress is all addresses except the given ones",
        mixed_addresses,
        "allowed denied",
    ),
}
SAME = {("allowed", "Allowed"), ("denied", "ExplicitlyDenied"), ("denied", "ImplicitlyDenied")}


def principal(case):
    if case.kind == "service":
        return Principal.service(SERVICE)
    if case.kind == "user":
        return Principal.user(USER, identity=case.identity, boundary=case.boundary)
    found = Principal.role(ROLE, session="run", identity=case.identity, boundary=case.boundary)
    assert found.arn == SESSION
    return found


def ours(case):
    context = {key: tuple(value) if isinstance(value, list) else value for key, value in case.context.items()}
    return decide(Request(principal(case), case.action, case.resource, case.account, context), case.resource_policy)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return simulator(tmp_path_factory.mktemp("iam-simulate"))


def test_ours_and_iam_simulate_say_the_same(folder):
    """The cases are the same in each run."""
    made = cases(NUMBER, SEED)
    theirs = simulate(folder, [case.simulation() for case in made])
    assert len(theirs) == NUMBER
    seen, unexplained = Counter(), []
    for case, answer in zip(made, theirs, strict=True):
        decision = ours(case)
        verdict = decision.verdict.value
        if (verdict, answer) in SAME:
            seen[answer] += 1
            continue
        why = [name for name, each in DIFFERENCES.items() if verdict in each.ours.split() and each.applies(case)]
        seen[why[0] if why else "unexplained"] += 1
        if not why:
            unexplained.append((decision, answer, case))
    assert not unexplained, f"{seen}\n{unexplained[:3]}"
    assert not re.search("error", str(theirs))
    assert min(seen["Allowed"], seen["ExplicitlyDenied"], seen["ImplicitlyDenied"]) > NUMBER / 20, seen
    assert all(seen[name] for name in DIFFERENCES), f"a difference that is gone: {seen}"
    assert sum(seen[name] for name in DIFFERENCES) < NUMBER / 50, seen
