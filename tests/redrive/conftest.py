"""Records in a queue and a bucket of the local engine, and functions that write down which events they were given."""

import http.client
import json
import os
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from support.records import record

# Neither boto3 nor a call to the engine: it starts a process for each event that runs at the same time, and of 60 that
# import boto3 and send a message, on a machine with two busy cores, some were missing when the test stopped looking.
WRITES_DOWN = """
import json, os
def handler(event, context):
    file = os.open(os.environ["ARRIVED"], os.O_WRONLY | os.O_APPEND)
    os.write(file, (json.dumps(event) + "\\n").encode())  # one call, which processes do not interleave
    os.close(file)
"""


class World:
    """The engine, a queue and a bucket of failures, and what has arrived at the functions."""

    def __init__(self, aws, folder):
        self.aws, self.url, self._folder = aws, aws.endpoint_url, folder
        self.sqs, self.s3, self.lambda_ = (aws.client(name) for name in ("sqs", "s3", "lambda"))
        unique = uuid.uuid4().hex[:8]
        self.name, self.bucket = f"failures-{unique}", f"failures-{unique}"
        self.queue = self.new_queue(self.name)
        self.arn = f"arn:aws:sqs:us-east-1:000000000000:{self.name}"
        self.s3.create_bucket(Bucket=self.bucket)
        self.log = folder / "arrived"
        self.log.touch()

    def new_queue(self, name, **attributes):
        return self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    def add_function(self, name, code=WRITES_DOWN, *, alias=None):
        """Deploy a function, with an alias of its first version if one is named."""
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
        role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}}
        function = {
            "FunctionName": name,
            "Code": {"ZipFile": code},
            "Handler": "index.handler",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Runtime": "python3.12",
            "Timeout": 300,
            "Environment": {"Variables": {"ARRIVED": str(self.log)}},
        }
        resources = {
            "Role": {"Type": "AWS::IAM::Role", "Properties": role},
            "Fn": {"Type": "AWS::Lambda::Function", "Properties": function},
        }
        if alias is not None:
            version = {"FunctionName": {"Ref": "Fn"}}
            resources["Version"] = {"Type": "AWS::Lambda::Version", "Properties": version}
            named = version | {"FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]}, "Name": alias}
            resources["Alias"] = {"Type": "AWS::Lambda::Alias", "Properties": named}
        path = self._folder / f"{name}.template.json"
        path.write_text(json.dumps({"Resources": resources}))
        self.aws.deploy(path)

    def put(self, *bodies):
        """Send messages to the queue of failures; a pair is a body and its attributes."""
        for start in range(0, len(bodies), 10):
            entries = []
            for n, body in enumerate(bodies[start : start + 10]):
                text, attributes = (body, {}) if isinstance(body, str) else body
                entries.append({"Id": str(n), "MessageBody": text, "MessageAttributes": attributes})
            self.sqs.send_message_batch(QueueUrl=self.queue, Entries=entries)

    def put_objects(self, *bodies, prefix="aws/lambda/async/redriven/"):
        for n, body in enumerate(bodies):
            self.s3.put_object(Bucket=self.bucket, Key=f"{prefix}{n:05}", Body=body)

    def objects(self, prefix="aws/"):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [each["Key"] for page in pages for each in page.get("Contents", [])]

    def visible(self, url=None):
        """What anybody can receive now; it is invisible for a minute after that."""
        found = []
        while True:
            messages = self.sqs.receive_message(
                QueueUrl=url or self.queue, MaxNumberOfMessages=10, VisibilityTimeout=60
            ).get("Messages", [])
            if not messages:
                return found
            found += [message["Body"] for message in messages]

    def arrived(self, count, *, patience=40):
        """The events that came to the functions, once `count` different ones have, or nothing more comes."""
        found, quiet = self._logged(), 0
        while len({json.dumps(each) for each in found}) < count and quiet < patience:
            time.sleep(0.5)
            before, found = found, self._logged()
            quiet = 0 if len(found) > len(before) else quiet + 0.5
        return found

    def _logged(self):
        return [json.loads(line) for line in self.log.read_text().splitlines(keepends=True) if line.endswith("\n")]


@pytest.fixture
def world(local_aws, tmp_path, monkeypatch):
    for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    world = World(local_aws, tmp_path)
    world.add_function("redriven")
    return world


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """Print nothing: a connection that breaks off is what some tests want."""


@pytest.fixture
def proxy(world, monkeypatch):
    """A proxy before the engine: `refuse(what, body)` gives the status and the error code to answer with, or None."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    servers = []

    def start(refuse=lambda _what, _body: None, after=lambda _what, _body, _headers: None):
        engine = urlsplit(world.url).netloc

        class Proxy(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                what = self.headers.get("x-amz-target", self.path)
                refused = refuse(what, body)
                if refused is not None:
                    status, code = refused
                    content = json.dumps({"__type": code, "message": "refused by the test"}).encode()
                    self._send(
                        status, {"x-amzn-errortype": code, "content-type": "application/x-amz-json-1.0"}, content
                    )
                    return
                connection = http.client.HTTPConnection(engine)
                connection.request(self.command, self.path, body, dict(self.headers))
                response = connection.getresponse()
                content = response.read()
                connection.close()
                after(what, body, response.headers)
                self._send(response.status, dict(response.getheaders()), content)

            def _send(self, status, headers, content):
                self.send_response(status)
                for name, value in headers.items():
                    if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                        self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *_):
                pass

        server = _Quiet(("127.0.0.1", 0), Proxy)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def failing(world, proxy):
    """An endpoint at which every asynchronous event fails at once, and its record comes to the queue of failures.

    That is Lambda's part. The engine does not play it: it writes no record, and the invocation has another request id
    than the answer.
    """

    def fail(what, body, headers):
        if what.endswith("/invocations"):
            function, request_id = what.split("/")[-2].rsplit("%3A", 1)[-1], headers["x-amzn-requestid"]
            world.put(record(json.loads(body), function=function, request_id=request_id).to_json())

    return proxy(after=fail)


def size(name, default):
    """How many: the CI's number, or the one that a longer proof asks for by an environment variable."""
    return int(os.environ.get(f"LAMBDA_DESTINATIONS_{name}", default))
