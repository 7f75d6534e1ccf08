"""Runs a Python handler behind the Lambda Runtime API, with errors as AWS's own runtime reports them.

The engine starts it (`python -I -S`) as the bootstrap of a custom runtime, because the engine's own Python runtime
flattens every error and lets a handler import whatever is installed beside the engine. Arguments: the declared
runtime, the folder that stands for /opt, and the folder with the packages that AWS's runtime brings along (boto3).
The words of the errors are those of awslambdaric, AWS's runtime client.
"""

import importlib
import json
import logging
import os
import socket
import sys
import time
import traceback

INVOCATION, RESULT = "lambda-destinations:invocation", "lambda-destinations:result"
RESPONSE_LIMIT = 6_291_556  # bytes of a response, Lambda's quota

RUNTIME, OPT, BUNDLED = sys.argv[1:4]
TASK = os.environ["LAMBDA_TASK_ROOT"]
STARTED_HERE = __file__
API = "/2018-06-01/runtime"
OK = 200


class Failure(Exception):
    """An error of the runtime itself, in the words of AWS."""

    def __init__(self, kind, message, stack=()):
        super().__init__(message)
        self.kind, self.stack = kind, list(stack)


class Context:
    """The second argument of a handler."""

    def __init__(self, request_id, arn, deadline):
        self.aws_request_id, self.invoked_function_arn, self._deadline = request_id, arn, deadline
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = self.client_context = None

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))


class Encoder(json.JSONEncoder):
    """AWS's runtime writes a Decimal as a number."""

    def default(self, o):
        decimal = sys.modules.get("decimal")  # whoever has one has imported it
        return float(o) if decimal and isinstance(o, decimal.Decimal) else super().default(o)


def prepare():
    os.environ["AWS_EXECUTION_ENV"] = f"AWS_Lambda_{RUNTIME}"
    os.environ.setdefault("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + os.environ["AWS_LAMBDA_FUNCTION_NAME"])
    asked = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    layers = [f"{OPT}/python/lib/{RUNTIME}/site-packages", f"{OPT}/python"] if OPT else []
    sys.path[:0] = [TASK, *asked, *layers]
    sys.path.append(BUNDLED)
    sys.argv = [""]
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("[%(levelname)s]\t%(message)s"))
    logging.getLogger().addHandler(handler)


def load():
    handler = os.environ["_HANDLER"]
    try:
        name, function = handler.rsplit(".", 1)
    except ValueError as error:
        raise Failure("Runtime.MalformedHandlerName", f"Bad handler '{handler}': {error}") from None
    name = name.replace("/", ".")
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        raise Failure("Runtime.ImportModuleError", f"Unable to import module '{name}': {error}") from None
    except SyntaxError as error:
        raise Failure("Runtime.UserCodeSyntaxError", f"Syntax error in module '{name}': {error}") from None
    try:
        return getattr(module, function)
    except AttributeError:
        raise Failure("Runtime.HandlerNotFound", f"Handler '{function}' missing on module '{name}'") from None


def described(error, request_id):
    if isinstance(error, Failure):
        kind, stack = error.kind, error.stack
    else:
        kind = type(error).__name__
        # As tuples they carry no position in the line, which AWS's runtime does not mark either.
        frames = [
            (frame.filename, frame.lineno, frame.name, frame.line)
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename != STARTED_HERE and "importlib" not in frame.filename
        ]
        stack = [on_aws(line) for line in traceback.format_list(frames)]
    return {"errorMessage": on_aws(str(error)), "errorType": kind, "requestId": request_id, "stackTrace": stack}


def on_aws(text):
    text = text.replace(os.path.realpath(TASK), "/var/task").replace(TASK, "/var/task")
    return text.replace(OPT, "/opt") if OPT else text


def serialized(result):
    # From 3.12 on AWS's runtime leaves non-ASCII as it is.
    ascii_only = tuple(map(int, RUNTIME[len("python") :].split("."))) < (3, 12)
    try:
        text = json.dumps(result, cls=Encoder, ensure_ascii=ascii_only, allow_nan=False)
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise Failure("Runtime.MarshalError", f"Unable to marshal response: {error}") from None
    if size > RESPONSE_LIMIT:
        raise Failure(
            "Function.ResponseSizeTooLarge",
            f"Response payload size ({size} bytes) exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes).",
        )
    return text


def call(method, path, body=b""):
    # By hand: importing http.client would double a cold start. A connection each: on a kept one the engine's small
    # writes wait 40 ms for our delayed acknowledgement.
    host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
    head = f"{method} {API}{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + body)
        with connection.makefile("rb") as answer:
            status = int(answer.readline().split()[1])
            lines = iter(lambda: answer.readline().decode().strip(), "")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            return status, headers, answer.read()


def serve(handler, broken=None):
    status, headers, body = call("GET", "/invocation/next")
    if status != OK:
        sys.exit(0)  # the engine has ended this environment
    engine_id = request_id = headers["lambda-runtime-aws-request-id"]
    event, ours = json.loads(body), None
    if isinstance(event, dict) and INVOCATION in event:
        ours = event[INVOCATION]
        request_id, event = ours["requestId"], json.loads(ours["payload"])
    arn, deadline = headers["lambda-runtime-invoked-function-arn"], headers["lambda-runtime-deadline-ms"]
    outcome, leave = "response", None
    try:
        text = serialized(handler(event, Context(request_id, arn, int(deadline))))
        reply = json.dumps({RESULT: text}) if ours else text
    except Exception as error:
        outcome, reply = "error", json.dumps(described(error, request_id))
        leave = error if error is broken else None
    except SystemExit as error:
        leave, status = error, error.code if isinstance(error.code, int) else int(error.code is not None)
        why = f"with error: exit status {status}" if status else "without providing a reason"
        exited = Failure("Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited {why}")
        outcome, reply = "error", json.dumps({"errorType": exited.kind, "errorMessage": str(exited)})
    # A line in the log before the answer spares the engine the 50 ms for which it would wait for one.
    print(f"END RequestId: {request_id}", flush=True)
    call("POST", f"/invocation/{engine_id}/{outcome}", reply.encode())
    if leave is not None:
        # A new environment. Ending the process would race the next invocation.
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 (ourselves)


def main():
    prepare()
    try:
        handler = load()
    except Exception as error:
        broken = error  # reported to whoever invokes, as AWS does

        def handler(*_):
            raise broken

        serve(handler, broken)
    while True:
        serve(handler)


main()
