"""Whether the statements of policies apply to a request, and their effects taken together."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ._answers import UNKNOWN, Tri, all_of, any_of, negated
from ._conditions import met
from ._context import Context
from ._documents import Element, Statement
from ._matching import action_matches, resource_matches
from ._principals import Level, Principal, named, spared
from ._variables import filled

LEVELS: tuple[Level, ...] = ("self", "role", "account")


@dataclass(frozen=True)
class Call:
    """The parts of a request that a statement can match."""

    principal: Principal
    action: str
    resource: str
    context: Context


@dataclass
class Effects:
    """The effects of all statements of one kind of policy, with the labels of the statements for messages.

    `allow` holds an answer for each level (a policy of an identity has "self" only).
    """

    deny: Tri = False
    allow: dict[Level, Tri] = field(default_factory=lambda: dict.fromkeys(LEVELS, False))
    denied_by: str = ""
    allowed_by: str = ""
    open: list[str] = field(default_factory=list)

    @property
    def allows(self) -> Tri:
        """Whether it allows at any level."""
        return any_of(self.allow.values())


def effects(statements: Iterable[Statement], call: Call) -> Effects:
    """The effects of the statements of all policies of one kind."""
    found = Effects()
    for each in statements:
        levels, fits = _levels(each, call), _fits(each, call)
        applies: dict[Level, Tri] = {level: all_of([fits, answer]) for level, answer in levels.items()}
        anyhow = any_of(applies.values())
        if anyhow is False:
            continue
        sure = anyhow and each.effect != UNKNOWN
        if each.effect != "Allow":  # AWS: a Deny for an account or a role applies to every principal of it
            found.deny = any_of([found.deny, anyhow if sure else None])
            found.denied_by = found.denied_by or (each.label if sure else "")
        if each.effect != "Deny":
            for level, answer in applies.items():
                found.allow[level] = any_of([found.allow[level], answer])
            found.allowed_by = found.allowed_by or (each.label if sure else "")
        if not sure:
            found.open.append(f"{each.label} {_why(each, call)}")
    return found


def _levels(each: Statement, call: Call) -> dict[Level, Tri]:
    if each.principal is None:
        return {"self": True}
    if each.principal.negative:
        return {"self": negated(spared(each.principal, call.principal))}
    return named(each.principal, call.principal)


def _fits(each: Statement, call: Call) -> Tri:
    return all_of(part(each, call) for part in _PARTS)


def _action(each: Statement, call: Call) -> Tri:
    return _element(each.action, lambda wanted: action_matches(wanted, call.action))


def _resource(each: Statement, call: Call) -> Tri:
    if each.resource is None:  # a trust policy, or a policy that means its own resource
        return True
    return _element(each.resource, lambda wanted: _covers(wanted, each, call))


def _covers(wanted: str, each: Statement, call: Call) -> Tri:
    text = filled(wanted, call.context, each.version, wildcards=True)
    if text is None:  # AWS: a variable without a value "might cause the entire statement to be invalid"
        return None if each.resource is not None and each.resource.negative else False
    return resource_matches(text, call.resource)


def _element(given: Element, covers: Callable[[str], Tri]) -> Tri:
    found = any_of(covers(wanted) for wanted in given.listed)
    return negated(found) if given.negative else found


def _conditions(each: Statement, call: Call) -> Tri:
    return all_of(met(condition, call.context, each.version) for condition in each.conditions)


_PARTS: tuple[Callable[[Statement, Call], Tri], ...] = (_action, _resource, _conditions)


def _why(each: Statement, call: Call) -> str:
    """What is not known about a statement that may apply."""
    if each.unknown:
        return "may matter"
    for condition in each.conditions:
        if met(condition, call.context, each.version) is None:
            key = condition.key if UNKNOWN not in condition.key else "a key of its condition"
            return f"depends on {key}, which is not known"
    for name, part in (("action", _action), ("resource", _resource)):
        if part(each, call) is None:
            return f"may match: its {name} is not known for certain"
    if each.effect == UNKNOWN:
        return "has an effect that is not known"
    return "may name the principal, which is not known for certain"
