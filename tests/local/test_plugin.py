"""The fixture `local_aws`: one engine for each session, and none if no test uses it."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

PLUGIN = "lambda_destinations.pytest_plugin"


def pytest_run(folder, code, *options):
    """Run the pytest session of a user in a folder."""
    (folder / "test_users.py").write_text(textwrap.dedent(code))
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    path = {"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=folder, env=path, capture_output=True, text=True, check=False)


def test_the_plugin_imports_neither_boto3_nor_the_engine():
    """Every pytest run of every user loads it."""
    code = f"import sys, {PLUGIN}; print(sorted({{'boto3', 'botocore', 'rich', 'ministack'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_session_shares_an_engine_and_each_test_starts_empty(tmp_path, template):
    """The apps of one test are deleted before the next. The engine is the same, and it ends with the session."""
    template.source("success", template.queue(QueueName="named"), "sqs")
    path = template.write()
    done = pytest_run(
        tmp_path,
        f"""
        import pathlib
        def use(local_aws):
            app = local_aws.deploy({str(path)!r})
            assert len(app.invoke("Source").delivered_to("named")) == 1
            with pathlib.Path("engines").open("a") as engines:
                print(local_aws._engine.pid, local_aws._engine.folder, file=engines)
        def test_first(local_aws): use(local_aws)
        def test_second(local_aws): use(local_aws)
        """,
    )
    assert done.returncode == 0, done.stdout
    first, second = (tmp_path / "engines").read_text().splitlines()
    assert first == second
    assert not Path(first.split()[1]).exists()


def test_a_test_that_ends_the_engine_does_not_break_the_next(tmp_path):
    """The next test gets a new engine."""
    done = pytest_run(
        tmp_path,
        """
        import os, signal, time
        def test_first(local_aws):
            os.killpg(local_aws._engine.pid, signal.SIGKILL)
            while local_aws.alive: time.sleep(0.01)
        def test_second(local_aws): local_aws.client("sqs").list_queues()
        """,
    )
    assert "2 passed" in done.stdout, done.stdout


def test_a_failed_assertion_shows_the_tree(tmp_path, template):
    """After a plain assertion, and after `assert_delivered`."""
    template.source("success", "arn:aws:events:us-east-1:000000000000:event-bus/nowhere", "events")
    done = pytest_run(
        tmp_path,
        f"""
        def test_one(local_aws):
            run = local_aws.deploy({str(template.write())!r}).invoke("Source")
            assert run.condition == "RetriesExhausted"
        def test_two(local_aws):
            local_aws.deploy({str(template.write())!r}).invoke("Source").assert_delivered()
        """,
    )
    assert "2 failed" in done.stdout
    assert done.stdout.count("Captured local AWS call") == 2
    assert done.stdout.count("Source:$LATEST  Success, 1 attempt") >= 2
    assert done.stdout.count("└─ on success → nowhere: LOST") >= 2


@pytest.mark.parametrize("scope", ["module", "session"])
def test_a_deployment_can_be_shared_by_many_tests(tmp_path, template, scope):
    """Its app is kept, and the apps of `local_aws` are not. The tree of a run is shown with the test that made it."""
    template.source("success", template.queue(QueueName="named"), "sqs")
    other = type(template)(tmp_path)
    other.function("Other")
    done = pytest_run(
        tmp_path,
        f"""
        import pytest
        @pytest.fixture(scope={scope!r})
        def app(local_aws_{scope}):
            return local_aws_{scope}.deploy({str(template.write())!r})
        @pytest.mark.parametrize("number", [1, 2])
        def test_one(app, local_aws, number):
            other = local_aws.deploy({str(other.write("Other.template.json"))!r})
            assert other.invoke("Other").succeeded
            assert app.invoke("Source", number).delivered_to("named")[0].request_payload == number
        def test_two(app):
            app.invoke("Source")
            assert False
        """,
    )
    assert "1 failed, 2 passed" in done.stdout, done.stdout
    assert done.stdout.count("Captured local AWS call") == 1


def test_what_a_handler_printed_is_in_the_report(tmp_path, template):
    """The section of the run shows it."""
    template.function(code="def handler(event, context):\n    print('from the handler', event)")
    done = pytest_run(
        tmp_path,
        f"""
        def test_one(local_aws):
            local_aws.deploy({str(template.write())!r}).invoke("Source")
            assert False
        """,
    )
    assert "1| from the handler {}" in done.stdout


@pytest.mark.parametrize("missing", ["boto3", "ministack"])
def test_without_the_extra_the_fixture_says_what_to_install(tmp_path, missing):
    """Tests that do not use the fixture pass."""
    (tmp_path / "conftest.py").write_text(
        "import sys, importlib.metadata as m\n"
        f"sys.modules[{missing!r}] = None\n"
        "version = m.version\n"
        "def absent(name):\n"
        f"    if name == {missing!r}: raise m.PackageNotFoundError(name)\n"
        "    return version(name)\n"
        "m.version = absent\n"
    )
    done = pytest_run(tmp_path, "def test_with(local_aws): pass\ndef test_without(): pass\n")
    assert "1 passed, 1 error" in done.stdout
    assert "pip install 'lambda-destinations[local]'" in done.stdout
