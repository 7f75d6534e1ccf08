"""Event ages that leave no time for the retries: known when the whole app stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from weakref import WeakSet

import aws_cdk.aws_lambda as lambda_
import jsii

from ._by_reference import ByReference
from ._cdk import Aspects, IAspect, Stage, node_of
from ._facts import stack_of, upstream_parity
from ._once import once_for_each
from ._warnings import warn

if TYPE_CHECKING:
    from constructs import Construct, IConstruct

_DEFAULT_RETRIES = 2  # https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html


def retries_within(age: float) -> int:
    """Return how many retries fit into an age in seconds: they wait 1 and 2 minutes, and Lambda looks ahead."""
    return 0 if age <= 60 else 1 if age < 180 else 2


@jsii.implements(IAspect)
class _AgeCheck(ByReference):
    """Looks through a stage once, when the CDK visits the first construct that it is attached to."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._unseen: Stage | None = stage

    def visit(self, node: IConstruct) -> None:
        """Warn on each configuration of the stage whose events are too short-lived for its retries."""
        stage, self._unseen = self._unseen, None
        if stage is None:
            return
        for construct in node_of(stage).find_all():
            if isinstance(construct, lambda_.CfnEventInvokeConfig):
                _judge(construct)


def _judge(config: lambda_.CfnEventInvokeConfig) -> None:
    age = config.maximum_event_age_in_seconds
    if age is None or age < 0:  # a number below zero is a token, how the CDK writes one to come
        return
    asked = config.maximum_retry_attempts
    wanted = _DEFAULT_RETRIES if asked is None else asked
    possible = retries_within(age)
    if possible < wanted and not upstream_parity(stack_of(config)):
        warn(
            config,
            "lambda-destinations:age-below-retry",
            f"a max_event_age of {age:.0f} s leaves time for {possible} of {wanted:.0f} retries: Lambda retries after "
            "1 and 2 minutes, and ends an event at once when its next retry would be too late; raise max_event_age to "
            "more than 180 s, or set retry_attempts to what fits",
        )


_stage_of = once_for_each(Stage.of)
_watched: WeakSet[Stage] = WeakSet()


def watch_ages(scope: Construct, anchor: IConstruct) -> None:
    """Have the whole stage of `anchor` judged at synth, from an aspect on `scope`: the cheapest hook on v1 and v2."""
    stage = _stage_of(anchor)
    if stage is not None and stage not in _watched:
        _watched.add(stage)
        Aspects.of(cast("Any", scope)).add(_AgeCheck(stage))
