"""Build the events in which SQS, SNS, EventBridge, S3 and Lambda deliver records, and read records from them."""

from .record.envelopes import (
    Arrival,
    S3Object,
    event_bridge_event,
    iter_records,
    lambda_event,
    records_in,
    s3_object,
    sns_event,
    sns_notification,
    sqs_event,
)

__all__ = [
    "Arrival",
    "S3Object",
    "event_bridge_event",
    "iter_records",
    "lambda_event",
    "records_in",
    "s3_object",
    "sns_event",
    "sns_notification",
    "sqs_event",
]
