"""Whoever reads a public signature can import each type in it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "src" / "lambda_destinations"
PUBLIC = [
    path
    for path in (*ROOT.rglob("__init__.py"), ROOT / "errors.py", ROOT / "envelopes.py")
    if not any(part.startswith("_") for part in path.relative_to(ROOT).parent.parts) and "v1_drop_in" not in path.parts
]


MADE_BY_US = {"App"}  # LocalAws.deploy gives one


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def exported(path: Path) -> list[str]:
    for node in tree(path).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return list(ast.literal_eval(node.value))
    return []


def imported(path: Path) -> dict[str, tuple[Path, str]]:
    """The names that a module imports from this package, with their module."""
    names = {}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.level:
            folder = path.parents[node.level - 1]
            base = folder.joinpath(*(node.module or "").split("."))
            module = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
            names |= {alias.asname or alias.name: (module, alias.name) for alias in node.names}
    return names


def definition(path: Path, name: str) -> tuple[Path, ast.stmt] | None:
    """The class or function of this name, wherever it is defined."""
    for node in tree(path).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == name:
            return path, node
    if name in imported(path):
        module, other = imported(path)[name]
        return definition(module, other) if module.exists() else None
    return None


def annotations(node: ast.stmt) -> Iterator[ast.expr]:
    """The annotations that a caller sees."""
    if isinstance(node, ast.FunctionDef):
        given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        yield from (each.annotation for each in given if each is not None and each.annotation is not None)
        if node.returns is not None:
            yield node.returns
    if isinstance(node, ast.ClassDef):
        for member in node.body:
            if isinstance(member, ast.AnnAssign) and not getattr(member.target, "id", "_").startswith("_"):
                yield member.annotation
            if isinstance(member, ast.FunctionDef) and (
                not member.name.startswith("_") or (member.name == "__init__" and node.name not in MADE_BY_US)
            ):
                yield from annotations(member)


def names(expression: ast.expr) -> Iterator[str]:
    for node in ast.walk(expression):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from names(ast.parse(node.value, mode="eval").body)


DEFINED = [definition(path, name) for path in PUBLIC for name in exported(path)]
KNOWN = {(found[0], found[1].name) for found in DEFINED if found is not None}
CASES = [(path, name) for path in PUBLIC for name in exported(path)]


def test_there_is_something_to_look_at():
    assert {"App", "Run", "SqsDestination", "InvocationRecord", "redrive"} <= {name for _, name in KNOWN}


@pytest.mark.parametrize(("path", "name"), CASES, ids=[f"{path.parent.name}.{name}" for path, name in CASES])
def test_each_type_in_a_signature_can_be_imported(path, name):
    found = definition(path, name)
    if found is None:  # a constant, or an alias of other types
        return
    module, node = found
    for expression in annotations(node):
        for each in names(expression):
            ours = definition(module, each)
            assert ours is None or (ours[0], each) in KNOWN, f"{each} of {ours and ours[0].name} is in no __all__"
