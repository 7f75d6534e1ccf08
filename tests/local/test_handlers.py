"""Python and Node handlers run as on AWS: their errors, their environment, and how they fail."""

import io
import json
import zipfile
from pathlib import Path

import pytest

NODE_ECHO = "exports.handler = async (event) => event;"


def run(local_aws, template, code, payload=None, **properties):
    """One run of a handler without retries."""
    template.function(code=code, **properties)
    template.configure(MaximumRetryAttempts=0)
    return local_aws.deploy(template.write()).invoke("Source", payload)


def response(outcome):
    return json.loads(outcome.record.to_json())["responsePayload"]


def test_a_python_error_looks_as_on_aws(local_aws, template):
    """Type, message, request id and a stack with paths below /var/task, in the order of AWS's runtime."""
    code = "class Broken(Exception): pass\ndef inner(): raise Broken('é')\ndef handler(event, context): inner()\n"
    outcome = run(local_aws, template, code)
    payload = response(outcome)
    assert list(payload) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert payload["errorMessage"] == "é"
    assert payload["errorType"] == "Broken"
    assert payload["requestId"] == outcome.record.request_id
    assert payload["stackTrace"] == [
        '  File "/var/task/index.py", line 3, in handler\n    def handler(event, context): inner()\n',
        "  File \"/var/task/index.py\", line 2, in inner\n    def inner(): raise Broken('é')\n",
    ]


def test_a_node_error_looks_as_on_aws(local_aws, template):
    """errorType, errorMessage and trace, with paths below /var/task."""
    code = "// node\nclass Broken extends Error { constructor(m) { super(m); this.name = 'Broken'; } }\n"
    payload = response(run(local_aws, template, code + "exports.handler = async () => { throw new Broken('é'); };"))
    assert list(payload) == ["errorType", "errorMessage", "trace"]
    assert (payload["errorType"], payload["errorMessage"]) == ("Broken", "é")
    assert payload["trace"][0] == "Broken: é"
    assert "(/var/task/index.js:3:" in payload["trace"][1] or "at exports.handler" in payload["trace"][1]
    assert not any("node.mjs" in line for line in payload["trace"])


@pytest.mark.parametrize(
    ("code", "error_type", "message"),
    [
        ("import nothing_of_this_name\ndef handler(e, c): pass", "Runtime.ImportModuleError", "Unable to import module 'index': No module named 'nothing_of_this_name'"),
        ("def handler(e, c) pass", "Runtime.UserCodeSyntaxError", "Syntax error in module 'index': expected ':' (index.py, line 1)"),
        ("def other(e, c): pass", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'index'"),
        ("1 / 0", "ZeroDivisionError", "division by zero"),
        ("def handler(e, c): return {1, 2}", "Runtime.MarshalError", "Unable to marshal response: Object of type set is not JSON serializable"),
        ("def handler(e, c): return 'x' * 6_291_555", "Function.ResponseSizeTooLarge", "Response payload size (6291557 bytes) exceeded maximum allowed payload size (6291556 bytes)."),
        ("import sys\ndef handler(e, c): sys.exit(3)", "Runtime.ExitError", "RequestId: {id} Error: Runtime exited with error: exit status 3"),
        ("import os\ndef handler(e, c): os._exit(7)", "Runtime.ExitError", "RequestId: {id} Error: Runtime exited with error: exit status 7"),
        ("import os\ndef handler(e, c): os.kill(os.getpid(), 9)", "Runtime.ExitError", "RequestId: {id} Error: Runtime exited with error: signal: killed"),
        ("import os\ndef handler(e, c): os.kill(os.getpid(), 11)", "Runtime.ExitError", "RequestId: {id} Error: Runtime exited with error: signal: segmentation fault"),
        ("def handler(e, c): raise KeyboardInterrupt", "Runtime.ExitError", "RequestId: {id} Error: Runtime exited with error: signal: interrupt"),
        ("class Stop(BaseException): pass\ndef handler(e, c): raise Stop", "Runtime.ExitError", "RequestId: {id} Error: Runtime exited with error: exit status 1"),
        ("class Mute(Exception):\n  def __str__(self): raise self\ndef handler(e, c): raise Mute", "Runtime.ExitError", "RequestId: {id} Error: Runtime exited with error: exit status 1"),
        ("def handler(e, c): return '\\udc80'", "Runtime.ExitError", "RequestId: {id} Error: Runtime exited with error: exit status 1"),
        ("def handler(e, c): open('out.txt', 'w')", "OSError", "[Errno 30] Read-only file system: 'out.txt'"),
        ("import os\ndef handler(e, c): os.mkdir('out')", "OSError", "[Errno 30] Read-only file system: 'out'"),
        ("import os\ndef handler(e, c): os._exit(0)", "Runtime.ExitError", "RequestId: {id} Error: Runtime exited without providing a reason"),
        ("import os; os._exit(1)\ndef handler(e, c): pass", "Runtime.ExitError", "RequestId: {id} Error: Runtime exited with error: exit status 1"),
        ("import time\ndef handler(e, c): time.sleep(9)", "Sandbox.Timedout", "RequestId: {id} Error: Task timed out after 1.00 seconds"),
    ],
    ids=["import", "syntax", "missing", "at import", "marshal", "6 MB", "exit", "os exit 7", "killed", "segfault", "interrupt", "BaseException", "no str", "surrogate", "write", "mkdir", "os exit", "exit at import", "timeout"],
)  # fmt: skip
def test_a_python_handler_that_fails_gives_the_error_of_aws(local_aws, template, code, error_type, message):
    """The error has the text of AWS, and the next invocation gets a new environment."""
    template.function(code=code, Timeout=1)
    template.configure(MaximumRetryAttempts=0)
    app = local_aws.deploy(template.write())
    for _ in range(2):
        outcome = app.invoke("Source", {})
        payload = response(outcome)
        assert payload["errorType"] == error_type
        assert payload["errorMessage"].startswith(message.format(id=outcome.record.request_id))


@pytest.mark.parametrize(
    ("code", "error_type", "message"),
    [
        ("// node\nrequire('./nothing');", "Runtime.ImportModuleError", "Error: Cannot find module './nothing'"),
        ("// node\nexports.handler = ;", "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token ';'"),
        ("// node\nexports.other = 1;", "Runtime.HandlerNotFound", "index.handler is undefined or not exported"),
        ("// node\nexports.handler = async () => { const a = {}; a.a = a; return a; };", "Error", "Unable to stringify response body"),
        ("// node\nexports.handler = async () => { throw 'text'; };", "string", "text"),
        ("// node\nexports.handler = () => new Promise(() => { Promise.reject(new TypeError('no')); });", "Runtime.UnhandledPromiseRejection", "TypeError: no"),
        ("// node\nexports.handler = async () => process.exit(7);", "Runtime.ExitError", "RequestId: {id} Error: Runtime exited with error: exit status 7"),
        ("// node\nexports.handler = async () => { process.kill(process.pid, 'SIGKILL'); await new Promise(() => setTimeout(() => {}, 9000)); };", "Runtime.ExitError", "RequestId: {id} Error: Runtime exited with error: signal: killed"),
        ("// node\nexports.handler = () => new Promise(() => { setTimeout(() => { throw new RangeError('late'); }, 5); });", "RangeError", "late"),
        ("// node\nsetTimeout(() => { throw new RangeError('early'); }); exports.handler = async () => new Promise((r) => setTimeout(r, 500));", "RangeError", "early"),
        ("export const handler = async () => 1;", "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token 'export'"),
        ("// node\nexports.handler = (e, c, callback) => { setTimeout(() => {}, 9000); callback(null, 1); };", "Sandbox.Timedout", "RequestId: {id} Error: Task timed out after 1.00 seconds"),
        ("// node\nexports.handler = (e, c) => c.fail();", "string", "handled"),
        ("// node\nexports.handler = async () => 1n;", "Error", "Unable to stringify response body"),
        ("// node\nexports.handler = async () => new Promise((r) => setTimeout(r, 9000));", "Sandbox.Timedout", "RequestId: {id} Error: Task timed out after 1.00 seconds"),
    ],
    ids=["import", "syntax", "missing", "marshal", "no Error", "rejection", "exit", "killed", "uncaught", "uncaught outside", "export in index.js", "callback and a timer", "fail", "BigInt", "timeout"],
)  # fmt: skip
def test_a_node_handler_that_fails_gives_the_error_of_aws(local_aws, template, code, error_type, message):
    """As for Python, with the texts of AWS's Node runtime."""
    template.function(code=code, Timeout=1)
    template.configure(MaximumRetryAttempts=0)
    app = local_aws.deploy(template.write())
    for _ in range(2):
        outcome = app.invoke("Source", {})
        payload = response(outcome)
        assert payload["errorType"] == error_type
        assert payload["errorMessage"].startswith(message.format(id=outcome.record.request_id))


@pytest.mark.parametrize(
    "code",
    [
        'print(\'{"status": "ok", "result": 0}\')\ndef handler(e, c):\n    print(\'noise\' * 50_000); return e',
        "import sys, os\ndef handler(e, c):\n    os.write(1, b'\\xff\\n{}\\n'); sys.stderr.write('x'); return e",
        "// node\nconsole.log('{}'); exports.handler = async (e) => { process.stdout.write('{}\\n'); return e; };",
    ],
    ids=["python", "python bytes", "node"],
)
def test_what_a_handler_prints_is_not_part_of_its_answer(local_aws, template, code):
    """The output goes to the log."""
    assert run(local_aws, template, code, {"a": 1}).response_payload == {"a": 1}


@pytest.mark.parametrize(
    "code",
    [
        "// node\n" + NODE_ECHO,
        "// node\nexports.handler = (event, context, callback) => setTimeout(() => callback(null, event), 5);",
        "// node\nexports.handler = (event, context) => context.succeed(event);",
    ],
    ids=["async", "callback", "context.succeed"],
)
def test_a_node_handler_may_answer_in_every_way(local_aws, template, code):
    """With a promise, a callback, or a method of the context."""
    outcome = run(local_aws, template, code, {"a": 1.5, "é": [None]})
    assert outcome.response_payload == {"a": 1.5, "é": [None]}
    assert '"responsePayload":{"a":1.5,"é":[null]}' in outcome.record.to_json()


def test_a_node_handler_that_answers_nothing_answers_null(local_aws, template):
    """It uses neither a promise nor a callback."""
    assert run(local_aws, template, "// node\nexports.handler = () => {};").condition == "Success"


def test_a_handler_finds_what_aws_gives_it(local_aws, template):
    """Context, variables, boto3 with the credentials of its own role, and the endpoint of the engine."""
    code = """
import boto3, os
def handler(event, context):
    return [context.function_name, context.function_version, context.invoked_function_arn,
            context.memory_limit_in_mb, 0 < context.get_remaining_time_in_millis() <= 7000,
            os.environ["MINE"], os.environ["AWS_EXECUTION_ENV"],
            boto3.client("sts").get_caller_identity()["Arn"].split(":")[5].split("/")[0]]
"""
    outcome = run(
        local_aws,
        template,
        code,
        FunctionName="named",
        MemorySize=256,
        Timeout=7,
        Environment={"Variables": {"MINE": "é"}},
        Runtime="python3.13",
    )
    arn = "arn:aws:lambda:us-east-1:000000000000:function:named"
    expected = ["named", "$LATEST", arn, "256", True, "é", "AWS_Lambda_python3.13", "assumed-role"]
    assert outcome.response_payload == expected


def test_a_handler_does_not_find_what_aws_would_not_give_it(local_aws, template):
    """A package that is installed here may be missing on AWS."""
    payload = response(run(local_aws, template, "import pytest\ndef handler(e, c): pass"))
    assert payload["errorMessage"] == "Unable to import module 'index': No module named 'pytest'"


def test_the_users_own_credentials_do_not_reach_a_handler(local_aws, template):
    """They are removed from the environment of the engine."""
    code = "import os\ndef handler(e, c): return sorted(k for k in os.environ if 'SECRET_OF_MINE' in k)"
    assert run(local_aws, template, code).response_payload == []


@pytest.fixture(autouse=True)
def _secret(monkeypatch):
    monkeypatch.setenv("SECRET_OF_MINE", "x")
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")


def bundle(folder: Path, files: dict[str, str], *, zipped: bool) -> str:
    """Write an asset as the CDK does, and return its hash."""
    digest = "0" * 63 + ("1" if zipped else "2")
    if zipped:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        (folder / f"asset.{digest}.zip").write_bytes(packed.getvalue())
    else:
        for name, text in files.items():
            path = folder / f"asset.{digest}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return digest


@pytest.mark.parametrize("zipped", [False, True], ids=["folder", "zip"])
def test_code_comes_from_an_asset(local_aws, template, zipped):
    """A folder or a zip file. A handler in a subpackage finds other modules and files."""
    files = {
        "src/app.py": "from src import lib\ndef handler(e, c): return [lib.NAME, open('data.txt').read()]",
        "src/lib.py": "NAME = 'lib'",
        "data.txt": "data",
    }
    digest = bundle(template.folder, files, zipped=zipped)
    code = {"S3Bucket": "any", "S3Key": f"{digest}.zip"}
    outcome = run(local_aws, template, "", Code=code, Handler="src/app.handler")
    assert outcome.response_payload == ["lib", "data"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("index.mjs", "import { readFileSync } from 'node:fs'; export const handler = async (e) => e;"),
        ("index.cjs", NODE_ECHO),
        ("index.js", NODE_ECHO),
    ],
)
def test_node_modules_of_every_kind_load(local_aws, template, name, text):
    """ECMAScript modules and CommonJS modules."""
    digest = bundle(template.folder, {name: text}, zipped=False)
    code = {"S3Bucket": "any", "S3Key": f"{digest}.zip"}
    assert run(local_aws, template, "", {"a": 1}, Code=code, Runtime="nodejs20.x").response_payload == {"a": 1}


def test_layers_are_on_the_path_of_python_and_node(local_aws, template):
    """A later layer overwrites an earlier one, as when AWS unpacks them into /opt."""
    for number, text in (("1", "'first'"), ("2", "'second'")):
        digest = number * 64
        for name, line in (
            ("python/layered.py", f"NAME = {text}"),
            (f"python/only{number}.py", ""),
            ("nodejs/node_modules/layered/index.js", f"exports.NAME = {text};"),
        ):
            path = template.folder / f"asset.{digest}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(line)
        content = {"S3Bucket": "any", "S3Key": f"{digest}.zip"}
        template.add(f"Layer{number}", "AWS::Lambda::LayerVersion", Content=content)
    layers = [{"Ref": "Layer1"}, {"Ref": "Layer2"}]
    template.function(code="import layered, only1, only2\ndef handler(e, c): return layered.NAME", Layers=layers)
    node = "// node\nconst { NAME } = require('layered'); exports.handler = async () => NAME;"
    template.function("Node", node, Layers=layers)
    app = local_aws.deploy(template.write())
    assert app.notes == ()
    assert app.invoke("Source").response_payload == "second"
    assert app.invoke("Node").response_payload == "second"


def test_a_handler_that_calls_another_function_gets_its_plain_answer(local_aws, template):
    """Only invocations from this package have an envelope in the engine."""
    code = """
import boto3, json
def handler(event, context):
    answer = boto3.client("lambda").invoke(FunctionName="other", Payload=json.dumps(event))
    return [json.load(answer["Payload"]), answer.get("FunctionError")]
"""
    template.function("Other", "def handler(e, c): return {'got': e} if e else 1 / 0", FunctionName="other")
    template.function(code=code, allow={"lambda:InvokeFunction": "*"})
    app = local_aws.deploy(template.write())
    assert app.invoke("Source", {"a": 1}).response_payload == [{"got": {"a": 1}}, None]
    payload, error = app.invoke("Source", {}).response_payload
    assert (payload["errorType"], error) == ("ZeroDivisionError", "Unhandled")


UNRULY = {
    "forks": "import os, time\ndef handler(e, c):\n    if os.fork() == 0:\n        time.sleep(60); os._exit(0)\n    return 'x'",
    "forks into the runtime": "import os\ndef handler(e, c):\n    os.fork(); return 'x'",
    "floods": "import sys\ndef handler(e, c):\n    for _ in range(100): sys.stdout.write('x' * 1_000_000 + '\\n')\n    return 'x'",
    "ignores SIGTERM": "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ndef handler(e, c): return 'x'",
    "closes what it can": "import os, sys\ndef handler(e, c):\n    sys.stdout.close(); os.closerange(0, 100); return 'x'",
    "half a line": "import os\ndef handler(e, c):\n    os.write(1, b'half \\xff'); return 'x'",
    "node floods": "// node\nexports.handler = async () => { for (let i = 0; i < 100; i++) console.log('x'.repeat(1e6)); return 'x'; };",
    "node closes stdout": "// node\nexports.handler = async () => { require('fs').closeSync(1); return 'x'; };",
}


@pytest.mark.parametrize("code", UNRULY.values(), ids=UNRULY)
def test_a_handler_with_side_effects_still_answers(local_aws, template, code):
    """Its answer counts, in this invocation and in the next."""
    template.function(code=code, Timeout=60)
    app = local_aws.deploy(template.write())
    assert [app.invoke("Source", {}).response_payload for _ in range(2)] == ["x", "x"]


def test_a_handler_that_ignores_sigterm_times_out(local_aws, template):
    """Its process ends with the answer, so it does not keep running beside the next one."""
    mark = template.folder / "pid"
    code = (
        "import os, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"os.write(os.open({str(mark)!r}, os.O_WRONLY | os.O_CREAT), str(os.getpid()).encode())\n"
        "def handler(e, c): time.sleep(99)"
    )
    payload = response(run(local_aws, template, code, Timeout=1))
    assert payload["errorType"] == "Sandbox.Timedout"
    stat = Path(f"/proc/{int(mark.read_text())}/stat")
    assert not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


OF_AWS = {
    "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT", "LANG", "PATH", "TZ", "_X_AMZN_TRACE_ID",
    "_HANDLER", "PWD", "SHLVL", "_",
}  # fmt: skip
HERE = {"AWS_ENDPOINT_URL", "AWS_DISABLE_HOST_PREFIX_INJECTION", "HOME", "NODE_PATH", "OLDPWD", "TMPDIR"}


@pytest.mark.parametrize(
    "code",
    [
        "import os\ndef handler(e, c): return dict(os.environ)",
        "// node\nexports.handler = async () => ({ ...process.env });",
    ],
    ids=["python", "node"],
)
def test_a_handler_sees_its_own_variables_and_those_of_aws(local_aws, template, code):
    """It does not see those of the engine. Its own variables win over those with the same name."""
    seen = run(
        local_aws, template, code, Environment={"Variables": {"LOG_LEVEL": "ERROR", "MINE": "1"}}
    ).response_payload
    assert seen["LOG_LEVEL"] == "ERROR"
    assert seen["TZ"] == ":UTC"
    assert seen["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/" + seen["AWS_LAMBDA_FUNCTION_NAME"]
    assert seen.keys() - OF_AWS - HERE == {"LOG_LEVEL", "MINE"}
