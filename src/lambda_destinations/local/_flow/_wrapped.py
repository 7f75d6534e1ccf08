"""The forms of an event and its result in the engine, for a function that runs on our own runtimes.

The engine parses payloads, knows only its own request ids, and does not say how a process ended. So the event is sent
in an envelope, the result comes back as text, and the exit status is the last line of the log.
"""

import json
import re
import signal

from ...errors import EngineError

INVOCATION, RESULT = "lambda-destinations:invocation", "lambda-destinations:result"  # as in _runtimes
EXITED = "lambda-destinations:exited"  # before the exit status, in the log

_EXIT_LINE = re.compile(rf"\n*{EXITED} (\d+)")
_AT_IMPORT = re.compile(r"bootstrap exited during init with code (\d+)")
_SLOW_IMPORT = re.compile(r"bootstrap did not reach the Runtime API within ([\d.e+]+)s")
_TIMED_OUT = re.compile(r"Task timed out after [\d.]+ seconds")
_OF_A_SIGNAL = 128  # a shell adds the number of the signal to it


def wrapped(payload: str, request_id: str) -> str:
    """An event in its envelope, as JSON text."""
    inner = {"requestId": request_id, "payload": payload, "trace": trace_header(request_id)}
    return json.dumps({INVOCATION: inner})


def trace_header(request_id: str) -> str:
    """The tracing header that a handler's AWS SDK sends with each call; it says which invocation made the call."""
    plain = request_id.replace("-", "")
    return f"Root=1-{plain[:8]}-{plain[8:]};Sampled=0"


def unwrapped(text: str, function: str) -> str:
    """The result in an answer of the engine, as JSON text; raises EngineError if no handler ran."""
    read = json.loads(text)
    if not isinstance(read, dict) or read.keys() != {RESULT}:
        raise EngineError(f"the engine answered for {function} without running it: {text[:200]}; report this")
    return _json_text(read[RESULT])


def in_aws_words(text: str, log: str, request_id: str) -> str:
    """The error in an answer of the engine, as JSON text: the runtime's, or Lambda's if the process ended."""
    error = json.loads(text)
    if not isinstance(error, dict):
        return text
    if error.keys() == {RESULT}:
        return str(error[RESULT])
    kind, message = error.get("errorType"), str(error.get("errorMessage"))
    slow, early = _SLOW_IMPORT.match(message), _AT_IMPORT.match(message)
    if slow:
        kind, message = "Sandbox.Timedout", f"Task timed out after {float(slow[1]):.2f} seconds"
    elif early:
        kind, message = "Runtime.ExitError", _end(int(early[1]))
    elif kind == "Runtime.Unknown" or (kind == "Runtime.ExitError" and message.startswith("Runtime exited before")):
        found = _EXIT_LINE.findall(log)
        kind, message = "Runtime.ExitError", _end(int(found[-1]) if found else 0)
    elif kind != "Sandbox.Timedout" or not _TIMED_OUT.fullmatch(message):
        return text
    ended = {"errorType": kind, "errorMessage": f"RequestId: {request_id} Error: {message}"}
    return json.dumps(ended, separators=(",", ":"))


def log_of_the_handler(log: str) -> str:
    """A log without the line that says how the process ended."""
    return _EXIT_LINE.sub("", log)


def _end(status: int) -> str:
    if status == 0:
        return "Runtime exited without providing a reason"
    name = signal.strsignal(status - _OF_A_SIGNAL) if status > _OF_A_SIGNAL and status - _OF_A_SIGNAL < 65 else None
    return f"Runtime exited with error: {f'signal: {name.lower()}' if name else f'exit status {status}'}"


def _json_text(result: str) -> str:
    """The result as it is, or in quotes if it is not JSON: Python's runtime also sends bytes, NaN and Infinity."""
    try:
        json.loads(result, parse_int=str, parse_float=str, parse_constant=_refuse)  # of any number of digits
    except RecursionError:
        return result  # nested deeper than Python can read
    except ValueError:
        return json.dumps(result)
    return result


def _refuse(constant: str) -> None:
    raise ValueError(constant)
