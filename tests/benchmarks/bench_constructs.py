"""Ours against upstream, side by side, as whole processes: prints the README's tables.

    python tests/benchmarks/bench_constructs.py [--cdk 1.204.0 2.275.0] [--sizes 1 60 240 960] [--rounds 7]

Makes an environment with upstream's package and one with ours, as a user would, and runs the same app in each, in turn:
on CDK v1, where upstream is a package of its own, and on v2, where it is a module of aws-cdk-lib.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
import venv
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
UPSTREAM, OURS = "aws_cdk.aws_lambda_destinations", "lambda_destinations"
BELOW = ["aws-lambda", "aws-sns", "aws-sqs", "aws-events", "core"]


def environment(home, name, requirements):
    """Install what a user would, once; return the interpreter."""
    python = home / name / "bin" / "python"
    if not python.exists():
        venv.create(home / name, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *requirements], check=True)
    return python


def environments(home, version):
    major = version.split(".")[0]
    wheel = f"lambda-destinations[cdk-v{major}] @ {PROJECT.as_uri()}"
    below = [f"aws-cdk.{name}=={version}" for name in BELOW] if major == "1" else [f"aws-cdk-lib=={version}"]
    theirs = [f"aws-cdk.aws-lambda-destinations=={version}"] if major == "1" else below
    shutil.rmtree(home / f"ours-{version}", ignore_errors=True)  # the source may have changed since
    return {
        UPSTREAM: environment(home, f"upstream-{version}", theirs),
        OURS: environment(home, f"ours-{version}", [wheel, *below]),
    }


def run(python, module, functions, mode):
    """Return the wall seconds of the process, and what it measured of itself."""
    started = time.perf_counter()
    command = [python, HERE / "constructs_app.py", module, str(functions), mode]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return {"wall": time.perf_counter() - started, **json.loads(done.stdout)}


def installed(python):
    """Return the number of distributions, pip and setuptools apart, and the megabytes they take."""
    count = "import importlib.metadata as m; print(*{d.name.lower() for d in m.distributions()}, sep='\\n')"
    listed = subprocess.run([python, "-c", count], check=True, stdout=subprocess.PIPE, text=True).stdout
    site = next(python.parents[1].glob("lib/python*/site-packages"))
    apart = {"pip", "setuptools", "pkg_resources", "_distutils_hack"}
    files = [p for p in site.rglob("*") if p.is_file() and p.relative_to(site).parts[0].split("-")[0] not in apart]
    return len(set(listed.split()) - apart), sum(path.stat().st_size for path in files) / 1e6


def median(results, key):
    return statistics.median(result[key] for result in results)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cdk", nargs="+", default=["1.204.0", "2.275.0"])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 60, 240, 960])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--work", type=Path, default=PROJECT / ".tox" / "bench")
    chosen = parser.parse_args()
    os.environ.setdefault("JSII_RUNTIME_PACKAGE_CACHE_ROOT", str(chosen.work / "jsii-cache"))
    for version in chosen.cdk:
        compare(environments(chosen.work, version), version, chosen)


def compare(pythons, version, chosen):
    """Print the table of one CDK."""
    for module, python in pythons.items():  # the package cache, warm
        run(python, module, 1, "response_only")

    print(f"CDK {version}, Python {sys.version.split()[0]}, {os.cpu_count()} cores, {chosen.rounds} rounds in turn\n")
    print("| functions | mode | ours / upstream, time | ours / upstream, peak memory | ours / no destinations, time |")
    print("| --: | --- | --: | --: | --: |")
    imports = {module: [] for module in pythons}
    for functions in chosen.sizes:
        rounds = chosen.rounds if functions <= 240 else max(2, chosen.rounds // 3)
        measured = {}
        for _ in range(rounds):
            for mode in ("none", "plain", "response_only"):
                for module, python in pythons.items():
                    if (module, mode) != (UPSTREAM, "none"):
                        measured.setdefault((module, mode), []).append(run(python, module, functions, mode))
        for mode in ("plain", "response_only"):
            ours, upstream, floor = measured[OURS, mode], measured[UPSTREAM, mode], measured[OURS, "none"]
            time_ratio = median(ours, "wall") / median(upstream, "wall")
            memory_ratio = median(ours, "peak") / median(upstream, "peak")
            over_floor = median(ours, "wall") / median(floor, "wall")
            print(f"| {functions} | {mode} | {time_ratio:.2f} | {memory_ratio:.2f} | {over_floor:.2f} |", flush=True)
            for module in pythons:
                imports[module] += measured[module, mode]
    print("\n| | upstream | ours |\n| --- | --: | --: |")
    (theirs, their_size), (mine, my_size) = installed(pythons[UPSTREAM]), installed(pythons[OURS])
    print(f"| packages installed | {theirs} | {mine} |\n| megabytes | {their_size:.0f} | {my_size:.0f} |")
    own = [f"{median(imports[module], 'import'):.2f}" for module in pythons]
    print(f"| import seconds, on top of the CDK's packages | {own[0]} | {own[1]} |")


if __name__ == "__main__":
    main()
