"""Runs a Python handler behind the Lambda Runtime API, with results and errors as AWS's own runtime writes them.

The engine starts it (`python -I -S -u`) as the bootstrap of a custom runtime, because the engine's own Python runtime
loses the details of errors and lets a handler import everything that is installed for the engine. Arguments: the
declared runtime, the folder in place of /opt, and the folder with the packages in AWS's runtime. The texts of errors
are those of awslambdaric, AWS's runtime client. If the process ends, the program that started it reports that.
"""

import contextlib
import errno
import importlib
import logging
import os
import signal
import socket
import sys
import time
import traceback

RUNTIME, OPT, BUNDLED = sys.argv[1:4]
sys.path.append(BUNDLED)

import simplejson  # noqa: E402  (AWS's runtime writes with it, and it differs from json)

INVOCATION, RESULT = "lambda-destinations:invocation", "lambda-destinations:result"
RESPONSE_LIMIT = 6_291_556  # bytes of a response, Lambda's quota
TASK = os.environ["LAMBDA_TASK_ROOT"]
API = "/2018-06-01/runtime"
OK, TAKEN = 200, 202
LANG = f"/var/lang/lib/{RUNTIME}"
STANDARD = os.__file__.rpartition(os.sep)[0]  # where Python's own modules are here
REQUEST = {"id": ""}  # the request that is being served, for the log
READ_ONLY = tuple(os.path.realpath(each) + os.sep for each in (TASK, OPT) if each)
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
CHANGES = {"os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink"}
CHANGES |= {"os.truncate", "os.utime"}


class Failure(Exception):
    """An error of the runtime itself, with the text of AWS."""

    def __init__(self, kind, message, stack=()):
        super().__init__(message)
        self.kind, self.stack = kind, list(stack)


class Identity:
    """The user of a mobile SDK who invoked the function. An asynchronous event has none."""

    cognito_identity_id = cognito_identity_pool_id = None


class LambdaContext:
    """The second argument of a handler."""

    client_context = tenant_id = None

    def __init__(self, request_id, arn, deadline):
        self.aws_request_id, self.invoked_function_arn, self._deadline = request_id, arn, deadline
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.identity = Identity()

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))

    def log(self, msg):
        sys.stdout.write(str(msg))

    def w3c(self):
        return {}


class Encoder(simplejson.JSONEncoder):
    """Writes bytes as text, a named tuple as an object, NaN as NaN, a Decimal as a number, as AWS's runtime does."""

    def __init__(self):
        # From 3.12 on, AWS's runtime does not escape non-ASCII characters.
        old = tuple(map(int, RUNTIME[len("python") :].split("."))) < (3, 12)
        super().__init__(use_decimal=False, allow_nan=True, ensure_ascii=old)

    def default(self, o):
        decimal = sys.modules["decimal"]
        if not isinstance(o, decimal.Decimal):
            return super().default(o)
        return float("nan") if o.is_nan() else simplejson.RawJSON(str(o))


def prepare():
    asked = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    layers = [f"{OPT}/python/lib/{RUNTIME}/site-packages", f"{OPT}/python"] if OPT else []
    sys.path[:0] = [TASK, *asked, *layers]
    sys.argv = [""]
    if os.environ.get("LC_CTYPE") == "C.UTF-8":
        del os.environ["LC_CTYPE"]  # Python sets it if this machine does not have the locale of AWS
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts background processes without this handler
    sys.addaudithook(read_only)
    logging.Formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stdout)
    line = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
    handler.setFormatter(logging.Formatter(line, "%Y-%m-%dT%H:%M:%S"))
    handler.addFilter(lambda record: record.__dict__.update(aws_request_id=REQUEST["id"], tenant_id=None) or True)
    logging.getLogger().addHandler(handler)


def read_only(event, arguments):
    """Code and layers are read-only on AWS. File modes would not stop a handler that runs as root here."""
    if event == "open":
        paths = arguments[:1] if arguments[2] and arguments[2] & WRITES else ()
    else:
        paths = arguments[:2] if event in CHANGES else ()
    for path in paths:
        if isinstance(path, (str, bytes)):
            place = os.path.realpath(os.fsdecode(path))
            if place.startswith(READ_ONLY) and "__pycache__" not in place:
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)


def load():
    handler = os.environ["_HANDLER"]
    try:
        name, function = handler.rsplit(".", 1)
    except ValueError as error:
        raise Failure("Runtime.MalformedHandlerName", f"Bad handler '{handler}': {error}") from None
    if name.split(".")[0] in sys.builtin_module_names:
        message = f"Cannot use built-in module {name} as a handler module"
        raise Failure("Runtime.BuiltInModuleConflict", message)
    try:
        module = importlib.import_module(name.replace("/", "."))
    except ImportError as error:
        raise Failure("Runtime.ImportModuleError", f"Unable to import module '{name}': {error}") from None
    except SyntaxError as error:
        where = f'  File "{error.filename}" Line {error.lineno}\n    {error.text}'
        message = f"Syntax error in module '{name}': {error}"
        raise Failure("Runtime.UserCodeSyntaxError", message, [on_aws(where)]) from None
    try:
        return getattr(module, function)
    except AttributeError:
        raise Failure("Runtime.HandlerNotFound", f"Handler '{function}' missing on module '{name}'") from None


def described(error, request_id):
    if isinstance(error, Failure):
        kind, stack = error.kind, error.stack
    else:
        kind = type(error).__name__
        # Tuples have no position in the line: AWS's runtime does not mark it either.
        frames = [
            (each.filename, each.lineno, each.name, each.line) for each in traceback.extract_tb(error.__traceback__)
        ]
        users = (n for n, each in enumerate(frames) if each[0] != __file__ and "/bootstrap.py" not in each[0])
        stack = [on_aws(line) for line in traceback.format_list(frames[next(users, 0) :])]
    return {"errorMessage": on_aws(str(error)), "errorType": kind, "requestId": request_id, "stackTrace": stack}


def on_aws(text):
    text = text.replace(os.path.realpath(TASK), "/var/task").replace(TASK, "/var/task")
    text = text.replace(BUNDLED, f"{LANG}/site-packages").replace(STANDARD, LANG)
    return (text.replace(OPT, "/opt") if OPT else text).replace(__file__, "/var/runtime/bootstrap.py")


def call(method, path, body=b""):
    # Without http.client, whose import would double a cold start. A new connection for each call: on a kept one the
    # engine's small writes wait 40 ms for our delayed acknowledgement.
    host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
    head = f"{method} {API}{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + body)
        with connection.makefile("rb") as answer:
            status = int(answer.readline().split()[1])
            lines = iter(lambda: answer.readline().decode().strip(), "")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            return status, headers, answer.read()


def serve(handler, log, *, broken=False):
    status, headers, body = call("GET", "/invocation/next")
    if status != OK:
        os._exit(0)  # the engine has ended this environment
    engine_id = request_id = headers["lambda-runtime-aws-request-id"]
    event, ours = simplejson.loads(body), None
    if isinstance(event, dict) and INVOCATION in event:
        ours = event[INVOCATION]
        request_id, event = ours["requestId"], simplejson.loads(ours["payload"])
        os.environ["_X_AMZN_TRACE_ID"] = ours["trace"]  # boto3 sends it with each call, so that we know who made it
    REQUEST["id"] = request_id
    arn, deadline = headers["lambda-runtime-invoked-function-arn"], headers["lambda-runtime-deadline-ms"]
    outcome, end = "response", f"\nEND RequestId: {request_id}\n"
    try:
        reply = serialized(handler(event, LambdaContext(request_id, arn, int(deadline))))
    except Exception as error:
        # As in AWS's runtime, an error that cannot be described or logged ends the process.
        outcome, document = "error", described(error, "" if broken else request_id)
        reply = Encoder().encode(document)
        end = logged(document) + end
    reply = reply if isinstance(reply, bytes) else reply.encode()
    if outcome == "response" and len(reply) > RESPONSE_LIMIT:
        size = f"({len(reply)} bytes) exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes)"
        too_large = {"errorType": "Function.ResponseSizeTooLarge", "errorMessage": f"Response payload size {size}."}
        outcome, broken, reply = "error", True, simplejson.dumps(too_large).encode()
    if ours:
        reply = simplejson.dumps({RESULT: reply.decode(errors="replace")}).encode()
    end = end.encode()
    # The engine waits 50 ms for a line in the log, unless there is one before the answer.
    with contextlib.suppress(OSError):
        os.write(log, end)
    status, _, _ = call("POST", f"/invocation/{engine_id}/{outcome}", reply)
    if status != TAKEN:
        os._exit(1)  # a fork of this process has answered already
    if broken:
        # Start a new environment. If the process ended, the next invocation could arrive before the new process.
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  (this program)


def serialized(result):
    if isinstance(result, bytes):
        return result
    try:
        return Encoder().encode(result)
    except Exception as error:
        raise Failure("Runtime.MarshalError", f"Unable to marshal response: {error}") from None


def logged(error):
    stack = "".join(error["stackTrace"])
    return f"[ERROR] {error['errorType']}: {error['errorMessage']}\nTraceback (most recent call last):\n{stack}"


def main():
    prepare()
    log = os.dup(1)  # a handler may close the first
    try:
        handler = load()
    except Exception as error:
        broken = error  # each invocation gets this error, as on AWS

        def handler(*_):
            raise broken

        serve(handler, log, broken=True)
    while True:
        serve(handler, log)


main()
