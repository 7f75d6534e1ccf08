"""The evaluator needs the standard library and nothing else."""

import ast
import subprocess
import sys
from pathlib import Path

import lambda_destinations.policy

FOLDER = Path(lambda_destinations.policy.__file__).parent
OURS = {"_words", "errors"}


def test_it_imports_only_the_standard_library_its_own_files_and_two_modules_of_the_package():
    own = {path.stem for path in FOLDER.glob("*.py")}
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = {(alias.name, 0) for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names = {(node.module or alias.name, node.level) for alias in node.names}
            else:
                continue
            for name, level in names:
                allowed = {0: sys.stdlib_module_names, 1: own, 2: OURS}[level]
                assert name.split(".")[0] in allowed, f"{path.name} imports {name}"


def test_importing_it_loads_nothing_heavy():
    heavy = "boto3 botocore aws_cdk jsii moto cfnlint hypothesis pytest"
    code = f"import sys, lambda_destinations.policy; print(sorted(set('{heavy}'.split()) & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_its_public_names_are_sorted_and_exist():
    names = lambda_destinations.policy.__all__
    assert names == sorted(names, key=lambda name: (not name.isupper(), name[0].islower(), name))
    assert all(hasattr(lambda_destinations.policy, name) for name in names)
