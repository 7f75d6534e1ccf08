"""What would fail in silence after the deployment, said at synth: every warning, its id and its words."""

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
    "no-grant": "{fn} is imported without its role, which can be granted nothing here: import it with "
    "lambda_.Function.from_function_attributes(scope, id, function_arn=..., role=...), or see that the role allows the "
    "delivery",
    "key-unknown": "{resource} is encrypted with a key that is named by {how}, which no grant can name: "
    "allow the function's role {actions} on the key itself, or its records are lost",
    "key-policy": "{resource} is encrypted with a key whose policy cannot be changed here: it must allow "
    "events.amazonaws.com {actions}, or the responses are lost; a key that AWS manages never does",
    "resource-policy": "{resource} is imported, and its policy cannot be changed here: it must allow "
    "events.amazonaws.com {action} from this rule, or the responses are lost",
    "other-environment": "{resource} is in {there}, the function in {here}: Lambda may refuse the destination or lose "
    "every record; use a destination beside the function, and forward from there",
    "loop": "the results go round in a loop ({through}) over the event bus, where Lambda does not stop it: break it, "
    "or make sure that a function in it ends it",
}


def warn(construct: IConstruct, name: str, **words: object) -> None:
    """Annotate a construct once, unless the warning is acknowledged.

    On CDK v2 by `Annotations.of(scope).acknowledge_warning(id)`; on v1, which has no such call, and on v2 too, by the
    CDK context `lambda-destinations:acknowledged`: a list of ids, or as the CDK's command line gives it, a string of
    them with commas between.

    :param name: one of `WARNINGS`; its id is `lambda-destinations:` and the name
    :param words: what stands in the braces, without tokens, which the CDK cannot print
    """
    full_id, message = f"lambda-destinations:{name}", WARNINGS[name].format(**words)
    acknowledged = node(construct).try_get_context(ACKNOWLEDGED) or []
    if isinstance(acknowledged, str):
        acknowledged = [each.strip() for each in acknowledged.split(",")]
    given = app_of(construct).warned
    if full_id not in acknowledged and (path(construct), full_id, message) not in given:
        given.add((path(construct), full_id, message))
        add_warning(construct, full_id, message)
