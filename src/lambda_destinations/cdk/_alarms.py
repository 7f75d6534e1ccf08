"""Alarms on everything that fails silently in the asynchronous invocations of a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import aws_cdk.aws_events as events
import aws_cdk.aws_lambda as lambda_
import aws_cdk.aws_sqs as sqs
import jsii

from .._service import MAX_AGE
from ._arguments import require
from ._arn import is_token, qualifier_of
from ._by_reference import ByReference
from ._cdk import Aspects, Construct, Duration, IAspect, IStableNumberProducer, Lazy, Stage, Tokenization, node_of
from ._metrics import (
    async_event_age,
    async_events_dropped,
    dead_letter_errors,
    delivery_failures,
    failed_invocations,
    require_function,
)
from ._parity import upstream_parity
from ._thresholds import is_number_token, require_count, seconds_of, share_or_seconds
from ._tree import path, stack_of
from ._warnings import warn

if TYPE_CHECKING:
    from collections.abc import Iterator

    import aws_cdk.aws_cloudwatch as cloudwatch

    from ._arn import AnyFunction

_HOW = "import it with lambda_.Function.from_function_arn(scope, id, function_arn)"


class AsyncInvocationAlarms(Construct):
    """Watches the asynchronous invocations of a function: lost records, dropped events, old events, failed rules.

    Lambda counts per function: for an alias or a version, the alarms count its whole function. The maximum event age is
    that of the alias or version itself. None for a threshold leaves its alarm out. Missing data is not breaching: the
    metrics of failures have no samples while nothing fails.

    :param function: a function, version or alias, owned or imported
    :param lost_records: records that Lambda could not deliver, in a period
    :param dead_letter_errors: events that did not reach the dead-letter queue, in a period
    :param dropped_events: events that ended without success, in a period
    :param event_age: the age of the oldest event: a share of the configured maximum age (6 hours if none is configured,
        or if it is a token), or a Duration of up to 6 hours
    :param oldest_failure: how long a message may wait in an on-failure queue of the app; by default there is no alarm
    :param failed_invocations: responses that a rule of `response_only` could not deliver, in a period
    :param period: the period of every alarm; by default 5 minutes
    :raises TypeError: for anything but a function, a number or a Duration
    :raises ValueError: for a threshold below zero, a share outside of 0 to 1, an age over 6 hours, an age that is a
        token, or a function without a name
    """

    def __init__(  # noqa: PLR0913  (an alarm each)
        self,
        scope: Any,
        id: str,
        *,
        function: AnyFunction,
        lost_records: float | None = 1,
        dead_letter_errors: float | None = 1,
        dropped_events: float | None = 1,
        event_age: float | Duration | None = 0.5,
        oldest_failure: Duration | None = None,
        failed_invocations: float | None = 1,
        period: Duration | None = None,
    ) -> None:
        where = "AsyncInvocationAlarms"
        self._function = require(
            function,
            "metric",
            "configure_async_invoke",
            where=f"{where}(function)",
            wants="an aws_lambda.IFunction",
            how=_HOW,
        )
        if not require_function(function, where).function_name:
            raise ValueError(f"{where}(function) was imported without its name, by which Lambda counts: {_HOW}")
        for name, threshold in (
            ("lost_records", lost_records),
            ("dead_letter_errors", dead_letter_errors),
            ("dropped_events", dropped_events),
            ("failed_invocations", failed_invocations),
        ):
            require_count(threshold, f"{where}({name})")
        age = share_or_seconds(event_age, f"{where}(event_age)")
        self._oldest_failure = seconds_of(oldest_failure, f"{where}(oldest_failure)")
        seconds_of(period, f"{where}(period)")
        super().__init__(cast("Any", scope), id)
        self._failed_invocations, self._period = failed_invocations, period or Duration.minutes(5)
        self._alarms: dict[str, cloudwatch.Alarm] = {}
        self._actions: list[Any] = []
        self._add_counts(lost_records, dead_letter_errors, dropped_events)
        self._age_is_a_share = False
        if age is not None:
            self._add_age(*age)
        if failed_invocations is not None or oldest_failure is not None:
            Aspects.of(cast("Any", self)).add(_Late(self))

    @property
    def alarms(self) -> dict[str, cloudwatch.Alarm]:
        """The alarms by name; those on rules and queues are added when the app is synthesized."""
        return dict(self._alarms)

    def add_alarm_action(self, *actions: Any) -> None:
        """Add actions to every alarm, also to those that are added later.

        :param actions: each an `aws_cloudwatch.IAlarmAction`
        """
        self._actions += actions
        for alarm in self._alarms.values():
            alarm.add_alarm_action(*actions)

    def widget(self, *, title: str | None = None, width: float = 12, height: float = 6) -> cloudwatch.GraphWidget:
        """Return a graph for a dashboard: the counts on the left, the age of the oldest event on the right."""
        import aws_cdk.aws_cloudwatch as cloudwatch

        fn, period = self._function, self._period
        counts = [each(fn, period=period) for each in (delivery_failures, dead_letter_errors, async_events_dropped)]
        return cloudwatch.GraphWidget(
            title=title or f"Asynchronous invocations of {node_of(fn).path}",
            left=counts,
            right=[async_event_age(fn, period=period)],
            width=width,
            height=height,
        )

    def _add_counts(self, lost: float | None, dead: float | None, dropped: float | None) -> None:
        fn, period = self._function, self._period
        self._add(
            "LostRecords",
            delivery_failures(fn, period=period),
            lost,
            "Lambda could not deliver invocation records to a destination: they are lost. Look at the permissions of "
            "the function's role on the destination and on its key, and at the size of the records",
        )
        self._add(
            "DeadLetterErrors",
            dead_letter_errors(fn, period=period),
            dead,
            "Lambda could not send failed events to the dead-letter queue: they are lost. Look at the permissions of "
            "the function's role on the queue or topic and on its key",
        )
        self._add(
            "DroppedEvents",
            async_events_dropped(fn, period=period),
            dropped,
            "Asynchronous events ended without success, after all retries or too old. Look at what arrived at the "
            "on-failure destination or the dead-letter queue, and at the function's log",
        )

    def _add_age(self, share: float, seconds: float | None) -> None:
        self._age_is_a_share = seconds is None
        threshold = Lazy.number(_Threshold(self, share)) if seconds is None else seconds * 1000
        self._add(
            "EventAge",
            async_event_age(self._function, period=self._period),
            threshold,
            "Asynchronous events wait long before they are run; past their maximum age they are dropped. Look at "
            "throttles and at the reserved concurrency of the function",
        )

    def _add(self, name: str, metric: cloudwatch.Metric, threshold: float | None, description: str) -> None:
        if threshold is None:
            return
        import aws_cdk.aws_cloudwatch as cloudwatch

        alarm = cloudwatch.Alarm(
            cast("Any", self),
            name,
            metric=metric,
            threshold=threshold,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=description,
        )
        self._alarms[name] = alarm
        if self._actions:
            alarm.add_alarm_action(*self._actions)

    def configurations(self) -> Iterator[lambda_.CfnEventInvokeConfig]:
        """Yield the asynchronous configurations of the function in this stage, as they are now."""
        stage: Any = Stage.of(cast("Any", self)) or node_of(self).root
        name = self._resolved(require_function(self._function, "").function_name)
        for construct in node_of(stage).find_all():
            if isinstance(construct, lambda_.CfnEventInvokeConfig) and self._resolved(construct.function_name) == name:
                yield construct

    def _resolved(self, value: Any) -> Any:
        return stack_of(self).resolve(value)

    def age(self) -> float:
        """Return the maximum event age of the function, version or alias, in seconds."""
        known = (age for age in self._configured_ages() if not is_number_token(age))
        return next(map(float, known), MAX_AGE)

    def _configured_ages(self) -> Iterator[float]:
        """Yield what is configured for the function, version or alias; a token where only the deployment knows it."""
        qualifier, own = self._resolved(qualifier_of(self._function)), path(self._function)
        for config in self.configurations():
            age, maker = config.maximum_event_age_in_seconds, node_of(node_of(config).scope).scope
            # The configuration that a function, version or alias makes is below its node; its qualifier may be a token.
            own_config = path(maker) == own or self._resolved(config.qualifier or "$LATEST") == qualifier
            if age is not None and own_config:
                yield age

    def add_late(self) -> None:
        """Add the alarms on the rules of `response_only` and on the on-failure queues that the app has now."""
        unknown = self._age_is_a_share and any(map(is_number_token, self._configured_ages()))
        if unknown and not upstream_parity(self):
            warn(cast("Any", self), "age-unknown", fn=path(self._function))
        for config in list(self.configurations()):
            owner = node_of(node_of(config).scope)
            for child in owner.children:
                if isinstance(child, events.Rule) and self._failed_invocations is not None:
                    self._add_rule(child)
            if self._oldest_failure is not None:
                self._add_queue(config, self._oldest_failure)

    def _add_rule(self, rule: events.Rule) -> None:
        self._add(
            _unique("FailedInvocations", rule),
            failed_invocations(rule, period=self._period),
            self._failed_invocations,
            "EventBridge could not hand responses over to the target of a response_only destination: they are lost. "
            "Look at the policy of the target and of its key",
        )

    def _add_queue(self, config: lambda_.CfnEventInvokeConfig, seconds: float) -> None:
        queue = _queue_of(config)
        if queue is None:
            return
        import aws_cdk.aws_cloudwatch as cloudwatch

        metric = cloudwatch.Metric(
            namespace="AWS/SQS",
            metric_name="ApproximateAgeOfOldestMessage",
            statistic="Maximum",
            period=self._period,
            dimensions_map={"QueueName": queue.attr_queue_name},
        )
        self._add(
            _unique("OldestFailure", queue),
            metric,
            seconds,
            "A failed event has been waiting in the on-failure queue for too long: read it, and send it back with "
            "lambda-destinations redrive, or delete it",
        )


@jsii.implements(IStableNumberProducer)
class _Threshold(ByReference):
    """The threshold that is a share of the configured age; it is computed when the whole app is there."""

    def __init__(self, alarms: AsyncInvocationAlarms, share: float) -> None:
        super().__init__()
        self._alarms, self._share = alarms, share

    def produce(self) -> float:
        """Return the threshold in milliseconds."""
        return self._alarms.age() * 1000 * self._share


@jsii.implements(IAspect)
class _Late(ByReference):
    """Adds the alarms on rules and queues of other constructs, once, when the CDK visits the alarms."""

    def __init__(self, alarms: AsyncInvocationAlarms) -> None:
        super().__init__()
        self._alarms: AsyncInvocationAlarms | None = alarms

    def visit(self, node: Any) -> None:
        """Add them at the first visit; the later visits are to the children of the alarms."""
        alarms, self._alarms = self._alarms, None
        if alarms is not None:
            alarms.add_late()


def _queue_of(config: lambda_.CfnEventInvokeConfig) -> sqs.CfnQueue | None:
    """Return the on-failure destination if it is a queue of the app, else None."""
    given: Any = config.destination_config
    failure = getattr(given, "on_failure", None)
    arn = getattr(failure, "destination", None)
    if not isinstance(arn, str) or not is_token(arn):
        return None
    target = getattr(Tokenization.reverse_string(arn).first_token, "target", None)
    return target if isinstance(target, sqs.CfnQueue) else None


def _unique(name: str, construct: Any) -> str:
    return f"{name}{node_of(construct).addr[-8:]}"
