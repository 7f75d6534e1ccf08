"""Simulated time: it jumps only when everybody waits."""

import threading
import time

from lambda_destinations.local._flow._clock import Clock


def test_one_who_waits_alone_is_let_go_at_once():
    """And the clock says that the time has passed."""
    clock, started = Clock(), time.monotonic()
    with clock.running():
        clock.wait(3600)
    assert time.monotonic() - started < 60
    assert clock.now >= 3600


def test_one_who_waits_while_another_works_waits_for_it():
    """However long that takes; then the time is skipped."""
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


def test_those_who_wait_go_on_in_the_order_of_their_times():
    """Whoever has the nearest time goes first, and the others wait while it works."""
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


def test_real_time_is_really_waited():
    """And nobody's clock jumps meanwhile."""
    clock, started = Clock(), time.monotonic()
    with clock.running():
        clock.wait(0.2, real=True)
    assert time.monotonic() - started >= 0.2
