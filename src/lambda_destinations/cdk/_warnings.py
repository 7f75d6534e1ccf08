"""Warnings at synth: what would fail in silence after the deployment, each with an id that can be acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._cdk import add_warning
from ._facts import node

if TYPE_CHECKING:
    from constructs import IConstruct

ACKNOWLEDGED = "lambda-destinations:acknowledged"


def warn(construct: IConstruct, id: str, message: str) -> None:
    """Annotate a construct, unless the warning is acknowledged.

    On CDK v2 by `Annotations.of(scope).acknowledge_warning(id)`; on v1, which has no such call, and on v2 too, by the
    CDK context `lambda-destinations:acknowledged`, a list of ids.

    :param id: stable, as in `lambda-destinations:loop`
    """
    acknowledged = node(construct).try_get_context(ACKNOWLEDGED) or []
    if id not in acknowledged:
        add_warning(construct, id, message)
