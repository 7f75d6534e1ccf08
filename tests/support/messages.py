"""Counts the messages between Python and Node. Each is a round trip, and costs both sides about 0.2 ms."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from jsii._kernel.providers import process  # only in the tests: the package does not use private names


def _name(request: object) -> str:
    """Return what a request asks for: `get functionArn`, `invoke grantPublish`, `answer`."""
    asked = getattr(request, "property", None) or getattr(request, "method", None) or getattr(request, "fqn", "")
    return f"{type(request).__name__.strip('_').removesuffix('Request')} {asked}".strip().lower()


@contextmanager
def counted() -> Iterator[list[str]]:
    """List the requests that Python sends to Node, including answers to callbacks."""
    sent: list[str] = []
    send = process._NodeProcess.send

    def counting(self: object, request: object, response_type: object) -> object:
        sent.append(_name(request))
        return send(self, request, response_type)  # type: ignore[arg-type]

    with mock.patch.object(process._NodeProcess, "send", counting):
        yield sent
