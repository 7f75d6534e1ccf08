"""Warnings at synth: what would fail in silence after the deployment, each with an id that can be acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ._cdk import add_warning
from ._facts import node, path, root_of

if TYPE_CHECKING:
    from constructs import IConstruct

ACKNOWLEDGED = "lambda-destinations:acknowledged"

_given: WeakKeyDictionary[object, set[tuple[str, str, str]]] = WeakKeyDictionary()  # by app


def warn(construct: IConstruct, id: str, message: str) -> None:
    """Annotate a construct once, unless the warning is acknowledged.

    On CDK v2 by `Annotations.of(scope).acknowledge_warning(id)`; on v1, which has no such call, and on v2 too, by the
    CDK context `lambda-destinations:acknowledged`: a list of ids, or as the CDK's command line gives it, a string of
    them with commas between.

    :param id: stable, as in `lambda-destinations:loop`
    :param message: without tokens, which the CDK cannot print
    """
    acknowledged = node(construct).try_get_context(ACKNOWLEDGED) or []
    if isinstance(acknowledged, str):
        acknowledged = [each.strip() for each in acknowledged.split(",")]
    given = _given.setdefault(root_of(construct), set())
    if id not in acknowledged and (path(construct), id, message) not in given:
        given.add((path(construct), id, message))
        add_warning(construct, id, message)
