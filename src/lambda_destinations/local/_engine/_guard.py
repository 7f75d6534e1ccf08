"""The one place where errors of the engine and of botocore become errors of this package."""

import contextlib
import errno
import functools
import http.client
import urllib.error
from collections.abc import Callable, Iterator
from typing import Any

import botocore.parsers
import urllib3
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError, ValidationError

from ...errors import DeployError, EngineError, LambdaDestinationsError

_FAILURES = (
    BotoCoreError,
    botocore.parsers.ResponseParserError,  # it is not a BotoCoreError
    ConnectionError,
    TimeoutError,
    http.client.HTTPException,
    urllib.error.URLError,
    urllib3.exceptions.HTTPError,
)
_WRONG_VALUES = (ParamValidationError, ValidationError)
_OF_NONSENSE = (AttributeError, LookupError, TypeError, ValueError)  # raised when botocore reads a wrong answer
_CALLING_AGAIN = {"get_paginator", "get_waiter", "paginate"}
_NO_ROOM = {errno.EDQUOT, errno.EFBIG, errno.EMFILE, errno.ENFILE, errno.ENOSPC}
_SERVER_ERROR = 500  # HTTP


class Guard:
    """Turns the errors of one engine into EngineError, or into DeployError if it refuses something.

    :param log_tail: gives the last lines that the engine wrote, "" if there are none
    """

    def __init__(self, endpoint_url: str, log_tail: Callable[[], str] = str) -> None:
        self.endpoint_url, self._log_tail = endpoint_url, log_tail

    def client(self, client: Any, *, strict: bool) -> Any:
        """A boto3 client whose every call is guarded. A ClientError with a status below 500 stays as it is.

        :param strict: raise EngineError, and not KeyError, for a member that an answer does not have
        """
        return _Guarded(client, self, strict=strict)

    @contextlib.contextmanager
    def call(self) -> Iterator[None]:
        """Guard one call of an API."""
        try:
            yield
        except _WRONG_VALUES:
            raise  # a given value is wrong, not the engine
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= _SERVER_ERROR:
                raise self._failed(error) from error
            raise
        except _FAILURES as error:
            raise self._went_away(error) from error
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise EngineError(f"there is no room for the engine: {error}; free some, or set TMPDIR") from error
            raise

    @contextlib.contextmanager
    def deploying(self, what: str) -> Iterator[None]:
        """Guard a deployment of `what`."""
        try:
            with self.call():
                yield
        except LambdaDestinationsError:
            raise
        except ClientError as error:
            raise DeployError(f"{what} was refused: {_said(error)}; correct it and deploy again") from error
        except _WRONG_VALUES as error:
            raise DeployError(f"{what} has a value that no API takes: {_line(error)}; correct it") from error
        except OSError as error:
            raise DeployError(f"{what} cannot be read: {error}; synthesize the app again") from error

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Guard anything else that is done with a deployed app."""
        try:
            with self.call():
                yield
        except LambdaDestinationsError:
            raise
        except (ClientError, *_WRONG_VALUES) as error:
            raise self._failed(error) from error

    def nonsense(self, error: Exception) -> EngineError:
        """The error for an answer that makes no sense."""
        return self._error("answers nonsense", error)

    def _went_away(self, error: Exception) -> EngineError:
        if isinstance(error, botocore.parsers.ResponseParserError):
            return self.nonsense(error)
        return self._error("went away", error)

    def _error(self, what: str, error: Exception) -> EngineError:
        return EngineError(
            f"the engine at {self.endpoint_url} {what}{self._log_tail()}; "
            f"start again ({type(error).__name__}: {_line(error)})"
        )

    def _failed(self, error: Exception) -> EngineError:
        said = _said(error) if isinstance(error, ClientError) else _line(error)
        return EngineError(f"the engine at {self.endpoint_url} failed: {said}{self._log_tail()}; start again")


class _Guarded:
    """An object of botocore whose every call is guarded; so are the paginators and waiters that it returns."""

    def __init__(self, inner: Any, guard: Guard, *, strict: bool) -> None:
        self.plain, self._guard, self._strict = inner, guard, strict

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.plain, name)
        if not callable(found) or name in {"exceptions", "meta"}:
            return found

        @functools.wraps(found)
        def guarded(*arguments: Any, **named: Any) -> Any:
            with self._guard.call():
                try:
                    answer = found(*arguments, **named)
                except _OF_NONSENSE as error:
                    raise self._guard.nonsense(error) from error
            if name in _CALLING_AGAIN:
                return _Guarded(answer, self._guard, strict=self._strict)
            if self._strict and isinstance(answer, dict):
                return _Answer(answer, f"{name} at {self._guard.endpoint_url}")
            return answer

        setattr(self, name, guarded)
        return guarded

    def __iter__(self) -> Iterator[Any]:
        with self._guard.call():
            yield from self.plain


class _Answer(dict[str, Any]):
    """The answer of an API; a missing member raises EngineError."""

    def __init__(self, answer: dict[str, Any], call: str) -> None:
        super().__init__(answer)
        self._call = call

    def __missing__(self, name: str) -> Any:
        raise EngineError(f"the engine answers nonsense: {self._call} gives no {name}; use another one")


def _said(error: ClientError) -> str:
    said = error.response.get("Error", {})
    return f"{_line(said.get('Message') or said.get('Code') or error)} ({error.operation_name})"


def _line(said: object) -> str:
    return " ".join(str(said).split())
