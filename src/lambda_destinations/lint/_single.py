"""The findings of the template that cfn-lint is checking."""

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from weakref import WeakKeyDictionary

from cfnlint.template import Template

from ..errors import DeployError
from ..template import Finding, Stack, expand, is_sam, read_flow, resolve_app
from ._judge import judge
from ._places import placed

_given: ContextVar[Mapping[str, Sequence[Finding]] | None] = ContextVar("findings by file", default=None)
_found: "WeakKeyDictionary[Template, Sequence[Finding]]" = WeakKeyDictionary()


@contextlib.contextmanager
def known(findings: Mapping[str, Sequence[Finding]]) -> Iterator[None]:
    """Let the rules report these findings, by file, of templates that were judged together."""
    token = _given.set(findings)
    try:
        yield
    finally:
        _given.reset(token)


def findings_of(cfn: Template) -> Sequence[Finding]:
    """Return the findings of a template: those that `known` has for its file, else those of the template alone."""
    given = _given.get()
    if given is not None:
        return given.get(str(cfn.filename), ())
    if cfn not in _found:
        _found[cfn] = _judged(cfn)
    return _found[cfn]


def _judged(cfn: Template) -> Sequence[Finding]:
    path = Path(cfn.filename or "template")
    # A plain copy: it is smaller than cfn-lint's dicts, which have line numbers, and cfn-lint's own stay unchanged.
    template = json.loads(json.dumps(cfn.template, default=str))
    stack = Stack(name=path.name.split(".")[0], template=template, folder=path.parent, source=path)
    try:
        if is_sam(template):
            stack = replace(stack, template=expand(template, path.parent)[0])
        app = [placed(each) for each in resolve_app([stack])]
        return judge(app, read_flow(app))
    except DeployError as error:
        return [
            Finding(
                code="not-judged",
                stack=stack.name,
                logical_id="",
                path=("Resources",),
                construct=stack.name,
                message=str(error),
            )
        ]
