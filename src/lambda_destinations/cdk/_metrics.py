"""The metrics of everything that fails silently.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#async-invocation-metrics
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._arguments import require
from ._arn import whole_function

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypedDict

    import aws_cdk.aws_cloudwatch as cloudwatch
    import aws_cdk.aws_events as events
    from typing_extensions import Unpack

    from ._arn import AnyFunction
    from ._cdk import Duration

    class MetricOptions(TypedDict, total=False):
        """The members of the CDK's `aws_cloudwatch.MetricOptions`."""

        account: str
        color: str
        dimensions_map: Mapping[str, str]
        label: str
        period: Duration | None
        region: str
        statistic: str
        unit: cloudwatch.Unit


def delivery_failures(fn: AnyFunction, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
    """Return the metric `DestinationDeliveryFailures` of a function: the only sign of a lost record.

    Lambda counts per function: for a version or an alias, this is the metric of its function. There are no samples
    while nothing is lost: treat missing data as not breaching.

    :param options: the CDK's `MetricOptions`; by default the period is 5 minutes, and the statistic is `Sum`
    :raises TypeError: for anything but a function
    """
    return _metric(fn, "DestinationDeliveryFailures", "delivery_failures", options)


def dead_letter_errors(fn: AnyFunction, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
    """Return the metric `DeadLetterErrors`: events that no dead-letter queue took. See `delivery_failures`."""
    return _metric(fn, "DeadLetterErrors", "dead_letter_errors", options)


def async_events_received(fn: AnyFunction, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
    """Return the metric `AsyncEventsReceived`: events that Lambda has queued. See `delivery_failures`."""
    return _metric(fn, "AsyncEventsReceived", "async_events_received", options)


def async_events_dropped(fn: AnyFunction, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
    """Return the metric `AsyncEventsDropped`: events that ended without success. See `delivery_failures`.

    It also counts the events that then went to a destination or a dead-letter queue.
    """
    return _metric(fn, "AsyncEventsDropped", "async_events_dropped", options)


def async_event_age(fn: AnyFunction, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
    """Return the metric `AsyncEventAge`: the milliseconds that an event waits in the queue. See `delivery_failures`.

    The statistic is `Maximum`: the age of the oldest event.
    """
    return _metric(fn, "AsyncEventAge", "async_event_age", {"statistic": "Maximum", **options})


def recursive_invocations_dropped(fn: AnyFunction, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
    """Return the metric `RecursiveInvocationsDropped`: events of a loop that was stopped. See `delivery_failures`."""
    return _metric(fn, "RecursiveInvocationsDropped", "recursive_invocations_dropped", options)


def failed_invocations(rule: events.IRule | events.Rule, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
    """Return the metric `FailedInvocations` of an EventBridge rule, such as one that `response_only` makes.

    It counts the events that did not reach a target after all retries. There are no samples while every event does.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html

    :raises TypeError: for anything but a rule
    """
    import aws_cdk.aws_cloudwatch as cloudwatch

    if not hasattr(rule, "rule_name"):
        raise TypeError(f"failed_invocations(rule) wants an aws_events.IRule, got a {type(rule).__qualname__}")
    return cloudwatch.Metric(
        namespace="AWS/Events",
        metric_name="FailedInvocations",
        **{"statistic": "Sum", "dimensions_map": {"RuleName": rule.rule_name}, **options},  # type: ignore[arg-type]
    )


def require_function(fn: AnyFunction, where: str) -> AnyFunction:
    """Return the function itself, also for its version or alias.

    :raises TypeError: for anything else
    """
    require(
        fn,
        "metric",
        "configure_async_invoke",
        where=where,
        wants="an aws_lambda.IFunction",
        how="import it with lambda_.Function.from_function_arn(scope, id, function_arn)",
    )
    whole: AnyFunction = whole_function(fn)
    return whole


def _metric(fn: AnyFunction, name: str, called: str, options: MetricOptions) -> cloudwatch.Metric:
    whole = require_function(fn, f"{called}(fn)")
    return whole.metric(name, **{"statistic": "Sum", **options})  # type: ignore[arg-type]
