"""Counts what Python and Node say to each other: each message is a round trip of about 0.2 ms on both sides."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from jsii._kernel.providers import process  # in the tests only: the package calls nothing private


def _name(request: object) -> str:
    """Say what a request asks for: `get functionArn`, `invoke grantPublish`, `answer`."""
    asked = getattr(request, "property", None) or getattr(request, "method", None) or getattr(request, "fqn", "")
    return f"{type(request).__name__.strip('_').removesuffix('Request')} {asked}".strip().lower()


@contextmanager
def counted() -> Iterator[list[str]]:
    """List the requests that Python sends to Node, answers to callbacks included."""
    sent: list[str] = []
    send = process._NodeProcess.send

    def counting(self: object, request: object, response_type: object) -> object:
        sent.append(_name(request))
        return send(self, request, response_type)  # type: ignore[arg-type]

    with mock.patch.object(process._NodeProcess, "send", counting):
        yield sent
