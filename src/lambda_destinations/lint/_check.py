"""Checks whole assemblies and templates, and finds the line of each finding."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cfnlint.config import ConfigMixIn
from cfnlint.rules import Match, Rules
from cfnlint.runner.template import run_template_by_file_path

from ..template import Finding, Flow, Given, Resolved, read_flow, read_stacks, resolve_app
from ._catalog import BY_CODE, CATALOG
from ._judge import all_stacks, judge
from ._places import placed
from ._single import known

_SEVERITIES = ("warning", "error")


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """A finding with its rule and its line.

    :ivar id: the id of the rule, for example `ELD201`
    :ivar severity: `error` or `warning`
    :ivar file: the file of the template
    :ivar line: counted from 1, as `column` is
    :ivar construct: the construct's path, or stack/logical id
    :ivar property: the property's path in the template, with slashes
    :ivar message: what is wrong and what to do
    :ivar source: the page of AWS that documents it
    """

    id: str
    severity: str
    file: str
    line: int
    column: int
    code: str
    stack: str
    construct: str
    logical_id: str
    property: str
    message: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The result of a check.

    :ivar problems: in the order of the templates
    :ivar matches: the same problems as objects of cfn-lint, for its formatters
    :ivar rules: the rules that were run, for cfn-lint's formatters
    :ivar templates: how many templates were read
    :ivar configurations: how many asynchronous configurations they have
    :ivar notes: what could not be judged
    """

    problems: tuple[Problem, ...]
    matches: tuple[Match, ...]
    rules: Rules
    templates: int
    configurations: int
    notes: tuple[str, ...] = ()

    def at_least(self, severity: str) -> tuple[Problem, ...]:
        """Return the problems that have this severity (`error` or `warning`) or a higher one."""
        lowest = _SEVERITIES.index(severity)
        return tuple(each for each in self.problems if _SEVERITIES.index(each.severity) >= lowest)


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """An app that was read and judged."""

    stacks: tuple[Resolved, ...]
    flow: Flow
    findings: tuple[Finding, ...]


def read_and_judge(path: Path, given: Given | None = None) -> Judged:
    """Read an assembly or a template, and judge it.

    :raises DeployError: when the path is neither, or CloudFormation would refuse a template
    """
    app = [placed(each) for each in resolve_app(read_stacks(path, given), given)]
    flow = read_flow(app)
    return Judged(stacks=tuple(all_stacks(app)), flow=flow, findings=tuple(judge(app, flow)))


def check(paths: Iterable[str | Path], *, ignore: Sequence[str] = (), given: Given | None = None) -> Report:
    """Check cloud assemblies and templates, each path on its own.

    :param paths: folders that `cdk synth` wrote, or templates in JSON, YAML or SAM
    :param ignore: ids of rules, or starts of ids, in addition to those that a template's own metadata ignores
    :param given: values of parameters, imports and the like
    :raises DeployError: when a path cannot be read, or CloudFormation would refuse a template
    """
    matches: list[Match] = []
    templates = configurations = 0
    notes: list[str] = []
    own = rules()
    for path in paths:
        app = read_and_judge(Path(path), given)
        templates += len(app.stacks)
        configurations += len(app.flow.configs)
        notes += [note for stack in app.stacks for note in stack.stack.notes]
        matches += _matches(app, own, ignore)
    problems = tuple(_problem(each) for each in matches)
    return Report(
        problems=problems,
        matches=tuple(matches),
        rules=own,
        templates=templates,
        configurations=configurations,
        notes=tuple(dict.fromkeys(notes)),
    )


def rules() -> Rules:
    """Return the rules of the catalog as a collection of cfn-lint."""
    found = Rules.create_from_module(__name__.rpartition(".")[0])
    assert {each.id for each in CATALOG} == set(found)
    return found


def _matches(app: Judged, own: Rules, ignore: Sequence[str]) -> Iterator[Match]:
    """Let cfn-lint run the rules on each template with findings: it knows the lines and the ignored rules."""
    by_file: dict[str, list[Finding]] = defaultdict(list)
    files = {(each.stack.name, each.stack.root): str(each.stack.source) for each in app.stacks}
    for finding in app.findings:
        by_file[_file_of(finding, files)].append(finding)
    with known(by_file):
        for file in by_file:
            config = ConfigMixIn(ignore_checks=list(ignore), regions=["us-east-1"])
            found = run_template_by_file_path(file, config, own, ignore_bad_template=False)
            yield from sorted(found, key=lambda each: (each.linenumber, each.rule.id))


def _file_of(finding: Finding, files: Mapping[tuple[str, str], str]) -> str:
    """Return the template file of a finding: that of its stack, or of the nested stack that has the construct."""
    roots = [root for name, root in files if name == finding.stack and finding.construct.startswith(root)]
    return files[finding.stack, max(roots, key=len)]


def _problem(match: Any) -> Problem:
    finding: Finding = match.finding
    entry = BY_CODE[finding.code]
    return Problem(
        id=entry.id,
        severity=entry.severity,
        file=str(match.filename),
        line=match.linenumber,
        column=match.columnnumber,
        code=finding.code,
        stack=finding.stack,
        construct=finding.construct,
        logical_id=finding.logical_id,
        property="/".join(map(str, match.path)),
        message=finding.message,
        source=finding.source or entry.source,
    )
