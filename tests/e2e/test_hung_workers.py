# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Workers that neither answer nor end: a stopped process, and one whose event loop is blocked."""

import signal
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.load import Question, in_flight
from tests.e2e.replicas import Replicas, run_replicas
from tests.e2e.wire import Outcome, begin, finish, open_channel
from tests.support import misbehaving
from tests.support.envoy import Gateway, wait_for

pytestmark = pytest.mark.failures

EVENTS = 4
IN_FLIGHT = 16
REQUESTS = 3_000
#: By then a hung worker is noticed and its calls are answered by another.
BOUND_S = 2.0
PATH = "/inference.GRPCInferenceService/ModelInfer"
MODEL = "double"


def check(outcome: Outcome) -> None:
    """Fails unless an answer is the right one."""
    assert misbehaving.answer(outcome.answer) == 6.0


QUESTION = Question(PATH, misbehaving.infer(MODEL, 3.0), MODEL, check)


@contextmanager
def run_pair(folder: Path, module: str = "argosy_gateway") -> Iterator[tuple[Replicas, Gateway]]:
    """Two workers of a model that can be made to block; short runs happen on their event loops."""
    repository = folder / "tabular"
    misbehaving.add_misbehaving(repository, MODEL)
    environment = misbehaving.installed(folder / "engines")
    options = ("--drain-s", "0", "--inline-below-ms", "1000")
    with run_replicas(folder, repository, *options, module=module, environment=environment) as running:
        yield running


def healthy(gateway: Gateway) -> int:
    """How many workers Envoy sends calls to."""
    (count,) = gateway.stats("^cluster.domain/tabular.membership_healthy$").values()
    return count


@pytest.mark.timeout(300)
def test_no_request_fails_or_is_slow_when_a_worker_process_is_stopped_and_it_comes_back(tmp_path: Path) -> None:
    slowest = []
    with (
        run_pair(tmp_path) as (replicas, gateway),
        in_flight(gateway.address, IN_FLIGHT, deadline_s=10, question=QUESTION) as load,
    ):
        for event in range(EVENTS):
            which = event % 2
            for replica in range(2):
                load.answers_from(f"replica-{replica}")
            load.slowest_s = 0.0
            replicas.workers[which].process.send_signal(signal.SIGSTOP)
            try:
                load.more(REQUESTS // EVENTS // 2)
                wait_for(lambda: healthy(gateway) == 1, "Envoy to notice", gateway)
                load.more(REQUESTS // EVENTS // 2)
            finally:
                replicas.workers[which].process.send_signal(signal.SIGCONT)
            slowest.append(load.slowest_s)
            load.answers_from(f"replica-{which}")
    assert not load.failures, load.codes
    assert load.total >= REQUESTS
    # The middle one of several: this machine may stop for a while too.
    assert statistics.median(slowest) <= BOUND_S, slowest


@pytest.mark.timeout(300)
def test_a_worker_whose_loop_is_blocked_is_out_within_two_seconds_and_its_calls_end_at_their_deadline(
    tmp_path: Path,
) -> None:
    took, deadline_s = [], 3.0
    with (
        run_pair(tmp_path) as (_, gateway),
        open_channel(gateway.address) as channel,
        in_flight(gateway.address, IN_FLIGHT, deadline_s, QUESTION) as load,
    ):
        for _ in range(3):
            for replica in range(2):
                load.answers_from(f"replica-{replica}")
            failed, began = len(load.failures), time.monotonic()
            metadata = (("x-model", MODEL),)
            request = misbehaving.infer(MODEL, misbehaving.BLOCK)
            call = begin(channel, PATH, request, metadata=metadata, timeout=deadline_s)
            wait_for(lambda: healthy(gateway) == 1, "Envoy to notice", gateway)
            took.append(time.monotonic() - began)
            assert finish(call).code.name == "DEADLINE_EXCEEDED"
            assert time.monotonic() - began < deadline_s + 1
            # Those that it had, at most all, end as their deadline says; the others go on elsewhere.
            load.more(200)
            assert len(load.failures) - failed <= IN_FLIGHT, load.codes
            assert load.codes.keys() <= {"OK", "DEADLINE_EXCEEDED"}, load.failures[-3:]
            wait_for(lambda: healthy(gateway) == 2, "the worker to come back", gateway)
        for replica in range(2):
            load.answers_from(f"replica-{replica}")
    assert statistics.median(took) <= BOUND_S, took
