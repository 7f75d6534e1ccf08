"""Invocation records of failures, as Lambda writes them."""

import uuid
from datetime import datetime, timezone

from lambda_destinations import InvocationRecord

ARN = "arn:aws:lambda:us-east-1:000000000000:function:"


def record(payload, *, function="redriven", request_id=None, **fields):
    fields = {"condition": "RetriesExhausted", "response_payload": {"errorType": "ValueError"}} | fields
    return InvocationRecord(
        timestamp=datetime.now(timezone.utc),
        request_id=request_id or str(uuid.uuid4()),
        function_arn=f"{ARN}{function}:$LATEST",
        approximate_invoke_count=3,
        request_payload=payload,
        **fields,
    )
