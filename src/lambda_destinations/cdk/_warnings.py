"""The warnings at synth about what would fail silently after the deployment, with their ids and texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._service import AGE_BELOW_RETRY
from ._app import app_of
from ._cdk import add_warning
from ._tree import node, path

if TYPE_CHECKING:
    from constructs import IConstruct

ACKNOWLEDGED = "lambda-destinations:acknowledged"

WARNINGS = {
    "age-below-retry": AGE_BELOW_RETRY,
    "no-grant": "{fn} is imported without its role, so that it cannot be granted anything here: import it with "
    "lambda_.Function.from_function_attributes(scope, id, function_arn=..., role=...), or make sure that the role "
    "allows the delivery",
    "key-unknown": "{resource} is encrypted with a key that is named by {how}, and a grant needs an ARN: "
    "allow the function's role {actions} on the key itself, or its records are lost",
    "key-policy": "{resource} is encrypted with a key whose policy cannot be changed here: it must allow "
    "events.amazonaws.com {actions}, or the responses are lost; the policy of an AWS managed key never does",
    "resource-policy": "{resource} is imported, and its policy cannot be changed here: it must allow "
    "events.amazonaws.com {action} from this rule, or the responses are lost",
    "other-environment": "{resource} is in {there}, the function in {here}: Lambda may refuse the destination or lose "
    "every record; use a destination beside the function, and forward from there",
    "loop": "the results go round in a loop ({through}) over the event bus, where Lambda does not stop it: break it, "
    "or make sure that a function in it ends it",
    "age-unknown": "the maximum event age of {fn} is known only after the deployment, and its alarm takes it for 6 "
    "hours: give AsyncInvocationAlarms an event_age in seconds",
}


def warn(construct: IConstruct, name: str, **words: object) -> None:
    """Add a warning to a construct once, unless the warning is acknowledged.

    `Annotations.of(scope).acknowledge_warning(id)` acknowledges it on CDK v2. The CDK context
    `lambda-destinations:acknowledged` does so on v1 and v2: it is a list of ids, or, as the command line of the CDK
    gives it, a string of ids with commas.

    :param name: one of `WARNINGS`; its id is `lambda-destinations:` and the name
    :param words: the values for the braces; no tokens, because the CDK cannot print them
    """
    full_id, message = f"lambda-destinations:{name}", WARNINGS[name].format(**words)
    acknowledged = node(construct).try_get_context(ACKNOWLEDGED) or []
    if isinstance(acknowledged, str):
        acknowledged = [each.strip() for each in acknowledged.split(",")]
    given = app_of(construct).warned
    if full_id not in acknowledged and (path(construct), full_id, message) not in given:
        given.add((path(construct), full_id, message))
        add_warning(construct, full_id, message)
