# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""KEDA scales a domain by what two control planes tell it: from none, by queue time, and back to none."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from argosy_client import Argosy

from bench import simulated
from tests.cluster.fleet import Fleet
from tests.cluster.kube import until
from tests.cluster.scaled import Gateway, ScaledFleet, has_keda, scaled
from tests.cluster.told import Tell
from tests.contract.gateway.calls import Answer, call, open_channel

pytestmark = pytest.mark.timeout(900)

DEADLINE_S = 1.0
#: Calls in a second that ask for three workers, of 20 calls each: two can do 40, and are to have something in hand.
BUSY, QUIET = 42.0, 3.0
#: The first wakes teach; of so many that follow all but one are to be foretold, within this part of what they take.
LESSONS, WAKES, MISSED, OFF = 2, 10, 1, 0.5


def asked(channel: grpc.Channel) -> Answer:
    """A call of the model, which is not made again by itself."""
    ask = simulated.ask("")
    return call(channel, ask.path, ask.request, metadata=ask.metadata)


def woken(gateway: Gateway) -> tuple[float, float]:
    """Calls a domain that sleeps until it answers; returns what the first call was told, and the truth, in seconds."""
    with open_channel(gateway.address) as channel:
        began = time.monotonic()
        first = asked(channel)
        assert first.refused()[:2] == ("UNAVAILABLE", "MODEL_NOT_READY"), first
        assert first.problem.retry_after_s is not None
        until(lambda: asked(channel).code is grpc.StatusCode.OK, "the domain to wake", 120, every_s=0.1)
        return first.problem.retry_after_s, time.monotonic() - began


@pytest.fixture(scope="module")
def fleet_that_keda_scales(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScaledFleet]:
    """The fleet with the components keda and scale-to-zero, whose gateways have learned what a wake takes."""
    if not has_keda():
        pytest.skip("KEDA is not installed in the cluster")
    with scaled(fleet, tmp_path_factory.mktemp("scaled")) as found:
        for number in range(LESSONS):
            found.sleep()
            woken(found.gateways[number % 2])
        yield found


def test_callers_of_a_domain_that_sleeps_are_told_how_long_it_takes_to_wake_whichever_gateway_they_call(
    fleet_that_keda_scales: ScaledFleet, tell: Tell
) -> None:
    fleet = fleet_that_keda_scales
    told_well, elsewhere = 0, 0
    for number in range(WAKES):
        fleet.sleep()
        gateway = fleet.gateways[number % 2]
        told_s, took_s = woken(gateway)
        by = "the gateway whose control plane KEDA asks" if gateway.asked_by_keda() else "the other gateway"
        tell(f"told {told_s:.1f} s, took {took_s:.1f} s ({told_s / took_s - 1:+.0%}), by {by}")
        told_well += abs(told_s - took_s) <= OFF * took_s
        elsewhere += not gateway.asked_by_keda()
    assert elsewhere == WAKES // 2, "half of the wakes began at a control plane that KEDA does not ask"
    assert told_well >= WAKES - MISSED


class Load:
    """Calls at a steady rate, however long they take."""

    def __init__(self, address: str) -> None:
        self.codes: Counter[str] = Counter()
        self.replicas: Counter[str] = Counter()
        self.failures: list[str] = []
        """When calls failed, and what they were told."""
        self._address = address
        self._rate = 0.0
        self._changed = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._call)

    @property
    def rate(self) -> float:
        """Calls in a second; 0 for none."""
        return self._rate

    @rate.setter
    def rate(self, rate: float) -> None:
        self._rate = rate
        self._changed.set()

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped = True
        self._changed.set()
        self._thread.join()

    def more(self, count: int) -> Counter[str]:
        """Waits for further calls; returns how they ended."""
        before = Counter(self.codes)
        until(lambda: self.codes.total() >= before.total() + count, f"{count} calls")
        return self.codes - before

    def answers_of(self, count: int) -> None:
        """Waits until so many replicas have answered from now on."""
        before = Counter(self.replicas)
        until(lambda: len(self.replicas - before) >= count, f"answers of {count} replicas")

    def _call(self) -> None:
        ask = simulated.ask(self._address)
        calls: set[Any] = set()
        with grpc.insecure_channel(self._address) as channel:
            method = channel.unary_unary(ask.path)
            while not self._stopped:
                if self._rate:
                    call = method.future(ask.request, timeout=DEADLINE_S, metadata=ask.metadata)
                    calls.add(call)
                    call.add_done_callback(self._note)
                    call.add_done_callback(calls.discard)
                if self._changed.wait(1 / self._rate if self._rate else None):
                    self._changed.clear()
            for call in list(calls):
                call.exception()  # waits for its end

    def _note(self, call: Any) -> None:
        code: str = call.code().name
        if code == "OK":
            self.replicas[str(dict(call.trailing_metadata() or ()).get("argosy-replica", ""))] += 1
        else:
            self.failures.append(f"{time.strftime('%X')} {code}: {call.details()}")
        self.codes[code] += 1


def test_keda_scales_a_domain_from_none_by_queue_time_and_back_to_none(
    fleet_that_keda_scales: ScaledFleet, tmp_path: Path, tell: Tell
) -> None:
    fleet = fleet_that_keda_scales
    address = fleet.gateways[0].address
    fleet.sleep()
    with contextlib.ExitStack() as stack:
        replicas = stack.enter_context(fleet.watched(tmp_path))
        client = stack.enter_context(Argosy(address))
        began = time.monotonic()
        client.tensors.infer(simulated.NAME, {"x": np.zeros((1, simulated.WIDTH), np.float32)}, timeout_s=120)
        tell(
            f"the first call had its answer after {time.monotonic() - began:.1f} s: its client came back as it was told"
        )
        load = stack.enter_context(Load(address))
        load.rate = QUIET
        load.more(3)
        load.rate, began = BUSY, time.monotonic()
        until(lambda: replicas.seen[-1] == 3, "three workers to be wanted", 90)
        load.answers_of(3)
        tell(f"three workers answered {time.monotonic() - began:.1f} s after the load rose")
        by_three = load.more(100)
        assert by_three["OK"] > 0.9 * by_three.total(), "three can do what is asked"
        load.rate, began = QUIET, time.monotonic()
        until(lambda: replicas.seen[-1] == 1, "one worker to be wanted", 120)
        tell(f"one worker was wanted {time.monotonic() - began:.1f} s after the load fell, at {time.strftime('%X')}")
        assert load.more(6).keys() == {"OK"}, load.failures[-6:]
        load.rate, began = 0.0, time.monotonic()
        until(lambda: replicas.seen[-1] == 0, "none to be wanted", 90)
        tell(f"none was wanted {time.monotonic() - began:.1f} s after the last call")
        tell(f"replicas: {' -> '.join(map(str, replicas.seen))}; calls: {dict(load.codes)}")
        tell(f"failed: {load.failures[-5:]}")
    # Two on the way, where the autoscaler looked between two reports.
    assert [number for number in replicas.seen if number != 2] == [0, 1, 3, 1, 0]
