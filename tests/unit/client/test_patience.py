# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import time

import grpc
import pytest
from argosy.status import Problem
from argosy_client import UnavailableError
from argosy_client.errors import ArgosyError, OverloadedError
from argosy_client.patience import SPREAD, Patience

from tests.unit.client.conftest import Ask
from tests.unit.client.fake_fleet import FakeFleet

ASLEEP = Problem("model 'sentiment' is not at ready state: ASLEEP", "MODEL_NOT_READY", retry_after_s=0.2)


def unavailable(retry_after_s: float | None) -> ArgosyError:
    return UnavailableError(grpc.StatusCode.UNAVAILABLE, "asleep", "MODEL_NOT_READY", {}, retry_after_s)


def test_a_pause_is_as_long_as_the_fleet_says_and_a_little_more() -> None:
    patience = Patience(100, lambda: 0.0)
    pauses = [patience.pause_s(unavailable(10.0)) or 0.0 for _ in range(50)]
    assert 10.0 <= min(pauses) < max(pauses) <= 10.0 * (1 + SPREAD)
    assert (patience.pause_s(unavailable(0.0)) or 0.0) > 0
    assert Patience(None).pause_s(unavailable(10.0)) is not None


def test_nothing_is_tried_again_that_names_no_time_or_one_past_the_deadline() -> None:
    patience = Patience(10, lambda: 0.0)
    assert patience.pause_s(unavailable(None)) is None
    assert patience.pause_s(unavailable(10.0)) is None
    busy = OverloadedError(grpc.StatusCode.RESOURCE_EXHAUSTED, "full", "QUEUE_FULL", {}, 0.1)
    assert patience.pause_s(busy) is None
    triton = UnavailableError(grpc.StatusCode.UNAVAILABLE, "full", "QUEUE_FULL", {}, 0.1)
    assert patience.pause_s(triton) is None, "V2's code for the same"
    assert 9.9 <= (patience.pause_s(unavailable(9.9)) or 0.0) < 10


async def test_a_call_waits_for_what_is_being_woken(fleet: FakeFleet, ask: Ask) -> None:
    fleet.problem = (grpc.StatusCode.UNAVAILABLE, ASLEEP)
    fleet.failures = 2
    began = time.monotonic()
    await ask(lambda client: client.nlp.classify("word"))
    assert time.monotonic() - began >= 0.4
    assert len(fleet.asked) == 3
    first, *_, last = [asked.remaining_s or 0.0 for asked in fleet.asked]
    assert first > last, "the deadline is that of the call as a whole"


async def test_a_call_whose_deadline_comes_first_fails_at_once_with_the_reason(fleet: FakeFleet, ask: Ask) -> None:
    fleet.problem = (grpc.StatusCode.UNAVAILABLE, Problem("asleep", "MODEL_NOT_READY", retry_after_s=60.0))
    began = time.monotonic()
    with pytest.raises(UnavailableError) as error:
        await ask(lambda client: client.nlp.classify("word", timeout_s=5))
    assert (error.value.reason, error.value.retry_after_s) == ("MODEL_NOT_READY", 60.0)
    assert time.monotonic() - began < 4
