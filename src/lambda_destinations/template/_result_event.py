"""The event that Lambda sends to an event bus for an invocation record, with what is known before it is sent."""

from typing import Any

from .._service import EVENT_SOURCE, FAILURE_DETAIL_TYPE, SUCCESS_DETAIL_TYPE
from ..policy import UNKNOWN
from ._matching import ANYTHING, AnyTextBut


def result_event(bus_arn: str, function_arn: str, *, succeeded: bool) -> dict[str, Any]:
    """Return the event, for `event_matches`.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html

    :param bus_arn: the ARN of the destination
    :param function_arn: with the qualifier that is invoked
    """
    parts = bus_arn.split(":")
    return {
        "version": "0",
        "id": UNKNOWN,
        "detail-type": SUCCESS_DETAIL_TYPE if succeeded else FAILURE_DETAIL_TYPE,
        "source": EVENT_SOURCE,
        "account": parts[4] if len(parts) > 5 else UNKNOWN,
        "time": UNKNOWN,
        "region": parts[3] if len(parts) > 5 else UNKNOWN,
        "resources": [bus_arn, function_arn],
        "detail": _record(function_arn, succeeded=succeeded),
    }


def _record(function_arn: str, *, succeeded: bool) -> dict[str, Any]:
    ended = {"statusCode": 200, "executedVersion": UNKNOWN}
    failed = {"statusCode": ANYTHING, "executedVersion": ANYTHING, "functionError": ANYTHING}
    return {
        "version": "1.0",
        "timestamp": UNKNOWN,
        "requestContext": {
            "requestId": UNKNOWN,
            "functionArn": function_arn,
            "condition": "Success" if succeeded else AnyTextBut(frozenset({"Success"})),
            "approximateInvokeCount": ANYTHING,
        },
        "requestPayload": ANYTHING,
        "responseContext": ended if succeeded else failed,
        "responsePayload": ANYTHING,
    }
