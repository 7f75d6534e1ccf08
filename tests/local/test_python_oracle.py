"""Our Python runtime compared with awslambdaric, AWS's own client, on one fake of the Runtime API."""

import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lambda_destinations.local
from support.runtime_api import Client

pytest.importorskip("awslambdaric", reason="AWS's Python runtime client, from PyPI, is the oracle")

RUNTIMES = Path(lambda_destinations.local.__file__).parent / "_deploy" / "_runtimes"
HANDLER = """
import asyncio, dataclasses, enum, json, os, signal, sys, datetime, uuid
from collections import OrderedDict, UserDict, defaultdict, namedtuple
from decimal import Decimal
from fractions import Fraction

Point = namedtuple("Point", "x y")
Color = enum.Enum("Color", "RED")
Number = enum.IntEnum("Number", "ONE")
class Text(str): pass
class Mute(Exception):
    def __str__(self): raise self
class Stop(BaseException): pass
class Nested(Exception):
    class Inner(Exception): pass
@dataclasses.dataclass
class Data: x: int = 1
class AsDict:
    def _asdict(self): return {"a": 1}
def nest(depth):
    value = []
    for _ in range(depth): value = [value]
    return value
def cycle():
    value = []
    value.append(value)
    return value
def throw(error, cause=None): raise error from cause
def deep(): return deep()
def handler(event, context):
    return eval(event)
"""


def both(tmp_path_factory, runtime, code=HANDLER, handler="index.handler"):
    folder = tmp_path_factory.mktemp("task")
    (folder / "index.py").write_text(code)
    bundled = Path(__import__("simplejson").__file__).parent.parent
    ours = [sys.executable, "-I", "-S", "-u", "-X", "utf8", str(RUNTIMES / "python.py"), runtime, "", str(bundled)]
    theirs = [sys.executable, "-m", "awslambdaric", handler]
    return folder, *(Client(command, folder, handler, runtime) for command in (ours, theirs))


def agree(folder, runtime, ours, theirs, event):
    """Ask both for the same event, and compare the answers with paths as on AWS."""
    kind, body = theirs.ask(event)
    lang = str(Path(os.__file__).parent)
    expected = body.replace(str(folder), "/var/task").replace(lang, f"/var/lang/lib/{runtime}")
    got = ours.ask(event)
    if kind == "error" and "/bootstrap.py" in expected:  # the only line of the trace is one of the runtime
        expected, ours_read = json.loads(expected), json.loads(got[1])
        assert len(expected.pop("stackTrace")) == len(ours_read.pop("stackTrace")) == 1
        assert (got[0], ours_read) == (kind, expected)
    else:
        assert got == (kind, expected)
    return kind, expected


@pytest.fixture(scope="module", params=["python3.11", "python3.13"])
def pair(request, tmp_path_factory):
    folder, *clients = both(tmp_path_factory, request.param)
    yield folder, request.param, *clients
    for client in clients:
        client.close()


@pytest.mark.parametrize(
    "expression",
    [
        "b'bytes'", "b'{\"a\": 1}'", "{'a': b'\\xc3\\xa9'}", "{'a': b'\\xff'}", "float('nan')", "[float('inf'), -float('inf')]", "Point(1, [Point(2, None)])",
        "Decimal('3')", "[Decimal('NaN'), Decimal('-1.50'), Decimal('1E+3'), Decimal('Infinity')]", "{1, 2}", "datetime.datetime(2026, 1, 1)", "uuid.UUID(int=1)",
        "{1: 2, None: 3, True: 4, 1.5: 5}", "{(1, 2): 3}", "{b'k': 1}", "{Decimal('1'): 1}", "'\\ud83d\\ude00'", "'\\udc80'", "'\\u2028\\u2029\\x7f\\x00'", "10**4000", "10**5000", "nest(100)",
        "nest(100000)", "cycle()", "Color.RED", "Number.ONE", "Text('t')", "Data()", "AsDict()", "OrderedDict(b=1, a=2)", "defaultdict(int, a=1)", "UserDict(a=1)", "range(3)",
        "(x for x in [1])", "asyncio.sleep(0)", "Fraction(1, 2)", "1j", "...", "object", "None", "'é'", "event", "context.tenant_id", "context.identity.cognito_identity_id",
        "[context.client_context, context.aws_request_id, context.memory_limit_in_mb, context.invoked_function_arn, context.w3c()]", "type(context).__name__", "context.log('x')",
        "throw(ValueError('é'))", "throw(ValueError())", "throw(ValueError('a', 1))", "throw(KeyError('k'))", "throw(Nested.Inner('x'))", "throw(ValueError('x'), KeyError('y'))", "throw(Mute())",
        "throw(ValueError('\\udc80'))", "throw(OSError(2, 'No', 'f'))", "throw(json.JSONDecodeError('m', 'd', 0))", "throw(UnicodeDecodeError('utf-8', b'x', 0, 1, 'r'))", "throw(MemoryError())",
        "throw(SyntaxError('s'))", "throw(ImportError('i'))", "throw(StopIteration(1))", "throw(AssertionError())", "throw(BaseExceptionGroup('g', [ValueError()]))" if sys.version_info >= (3, 11) else "1", "throw(Stop())", "throw(KeyboardInterrupt())",
        "throw(GeneratorExit())", "throw(asyncio.CancelledError())", "sys.exit()", "sys.exit(0)", "sys.exit(7)", "sys.exit(True)", "sys.exit('text')", "sys.exit(-1)", "sys.exit(256)", "os._exit(9)", "os.kill(os.getpid(), signal.SIGKILL)",
        "os.kill(os.getpid(), signal.SIGTERM)", "os.kill(os.getpid(), signal.SIGINT)", "os.abort()", "eval('(')", "undefined", "handler()", "print('half', end='') or 1",
    ],
)  # fmt: skip
def test_a_result_or_an_error_is_the_same_as_with_the_client_of_aws(pair, expression):
    """Both give the same body, or end in the same way."""
    agree(*pair, expression)


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(max_size=8), st.decimals(), st.characters(),
    st.dates().map(lambda it: it.isoformat()),
)  # fmt: skip
KEYS = st.one_of(st.text(), st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False), st.binary(max_size=4))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner), st.tuples(inner, inner), st.dictionaries(KEYS, inner), st.sets(st.integers(), max_size=2)
    ),
    max_leaves=12,
)


def source(value):
    """The value as an expression, in which `nan` and `inf` are defined."""
    return f"(lambda nan, inf: {value!r})(float('nan'), float('inf'))"


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(value=VALUES)
def test_generated_results_are_the_same_as_with_the_client_of_aws(pair, value):
    """Numbers, text with lone surrogates, bytes, decimals, keys of every kind."""
    agree(*pair, source(value))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    kind=st.sampled_from(["ValueError", "KeyError", "OSError", "Nested", "Exception"]),
    arguments=st.lists(LEAVES, max_size=3),
)
def test_generated_errors_are_the_same_as_with_the_client_of_aws(pair, kind, arguments):
    """Errors with arguments of every kind."""
    agree(*pair, f"throw({kind}(*{source(arguments)}))")


@pytest.mark.parametrize(
    ("code", "handler"),
    [
        ("1 / 0", "index.handler"),
        ("import nothing_of_this_name", "index.handler"),
        ("def broken(:", "index.handler"),
        ("x = '", "index.handler"),
        ("raise ImportError('own', name='x')", "index.handler"),
        ("class Own(Exception): pass\nraise Own", "index.handler"),
        ("import sys; sys.exit(3)", "index.handler"),
        ("import os; os._exit(4)", "index.handler"),
        ("raise KeyboardInterrupt", "index.handler"),
        ("def other(e, c): pass", "index.handler"),
        ("handler = 5", "index.handler"),
        ("def handler(): pass", "index.handler"),
        ("async def handler(e, c): return 1", "index.handler"),
        ("class Handler:\n  @staticmethod\n  def run(e, c): return 1", "index.Handler.run"),
        ("def handler(e, c): return 1", "index"),
        ("def handler(e, c): return 1", "nothing.handler"),
        ("def handler(e, c): return 1", "sub/nothing.handler"),
        ("def handler(e, c): return 1", "sys.handler"),
        ("def handler(e, c): return 1", "index.handler."),
        ("def handler(e, c): return __name__", "index.handler"),
    ],
)
def test_a_handler_that_does_not_load_gives_the_same_error_as_with_the_client_of_aws(tmp_path_factory, code, handler):
    """The error has no request id, and its trace has the frames of importlib."""
    folder, ours, theirs = both(tmp_path_factory, "python3.12", code, handler)
    try:
        agree(folder, "python3.12", ours, theirs, {})
    finally:
        ours.close()
        theirs.close()
