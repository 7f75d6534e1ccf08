"""Simulated time: it jumps only when all invocations wait."""

import threading
import time

from lambda_destinations.local._flow._clock import Clock


def test_one_that_waits_alone_continues_at_once():
    """The clock then shows that the time has passed."""
    clock, started = Clock(), time.monotonic()
    with clock.running():
        clock.wait(3600)
    assert time.monotonic() - started < 60
    assert clock.now >= 3600


def test_one_that_waits_continues_after_the_work_of_another():
    """After that the time is skipped."""
    clock, order = Clock(), []
    working, begun = threading.Event(), threading.Event()

    def work():
        with clock.running():
            begun.set()
            working.wait(30)
            order.append("worked")

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(30)
    with clock.running():
        threading.Timer(0.3, working.set).start()
        clock.wait(3600)
        order.append("waited")
    thread.join()
    assert order == ["worked", "waited"]


def test_those_that_wait_continue_in_the_order_of_their_times():
    """The one with the earliest time goes first, and the others wait while it works."""
    clock, order = Clock(), []
    ready = threading.Barrier(3)

    def wait(seconds):
        with clock.running():
            ready.wait(30)
            clock.wait(seconds)
            order.append((seconds, round(clock.now)))

    threads = [threading.Thread(target=wait, args=(seconds,)) for seconds in (300, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert order == [(100, 100), (200, 200), (300, 300)]


def test_real_time_is_not_skipped():
    clock, started = Clock(), time.monotonic()
    with clock.running():
        clock.wait(0.2, real=True)
    assert time.monotonic() - started >= 0.2
