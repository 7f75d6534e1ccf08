"""What lies in a queue of failures and is not a record that can be sent back, by kind."""

import json
from dataclasses import replace

from support.records import record

DEAD_LETTER = {
    "RequestID": {"DataType": "String", "StringValue": "6f1f6e5c-93d4-4c1b-8a76-2b1f0c9de401"},
    "ErrorCode": {"DataType": "Number", "StringValue": "200"},
    "ErrorMessage": {"DataType": "String", "StringValue": "no"},
}
STREAM = {
    "requestContext": {
        "requestId": "c9b8fa9f-5a7f-xmpl-af9c-0c604cde93a5",
        "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:redriven",
        "condition": "RetryAttemptsExhausted",
        "approximateInvokeCount": 1,
    },
    "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
    "version": "1.0",
    "timestamp": "2019-11-14T00:38:06.021Z",
    "KinesisBatchInfo": {"shardId": "shardId-000000000001", "batchSize": 1},
}


def without_payload():
    members = json.loads(record(1).to_json())
    del members["requestPayload"]
    return json.dumps(members)


def too_large():
    return record("x" * 1_048_577).to_json()


# Each with what the reason says.
BAD = {
    "dead letter": ('{"n": 1}', "dead-letter message"),
    "bare event": ('{"n": 1}', "wanted an invocation record"),
    "stream": (json.dumps(STREAM), "event source mapping"),
    "garbage": ("no JSON", "invalid JSON"),
    "empty object": ("{}", "invocation record"),
    "cut off": (record({"n": 1}).to_json()[:-9], "invalid JSON"),
    "no payload": (without_payload(), "carries no request payload"),
    "two in one": (json.dumps({"Records": [{"body": record(1).to_json()}] * 2}), "an object with Records"),
    "S3 test event": ('{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}', "S3 event notification"),
    "success": (replace(record(1), condition="Success").to_json(), None),
}


def message(kind):
    """A message for the queue: its body, with the attributes of a dead letter."""
    body, _ = BAD[kind]
    return (body, DEAD_LETTER) if kind == "dead letter" else body
