"""The metric that counts lost records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._arguments import require
from ._arn import whole_function

if TYPE_CHECKING:
    import aws_cdk.aws_cloudwatch as cloudwatch

    from ._arn import AnyFunction
    from ._cdk import Duration


def delivery_failures(
    fn: AnyFunction,
    *,
    period: Duration | None = None,
    statistic: str = "Sum",
    label: str | None = None,
    color: str | None = None,
) -> cloudwatch.Metric:
    """Return the metric `DestinationDeliveryFailures` of a function: the only trace that a lost record leaves.

    Lambda counts it by function, so a version or an alias gives the metric of its function. It has no samples where
    nothing was lost: treat missing data as not breaching.
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#async-invocation-metrics

    :param period: 5 minutes by default
    :param statistic: a count wants `Sum`
    :raises TypeError: for anything but a function
    """
    require(
        fn,
        "metric",
        "configure_async_invoke",
        where="delivery_failures(fn)",
        wants="an aws_lambda.IFunction",
        how="import it with lambda_.Function.from_function_arn(scope, id, function_arn)",
    )
    whole: AnyFunction = whole_function(fn)
    return whole.metric("DestinationDeliveryFailures", statistic=statistic, period=period, label=label, color=color)
