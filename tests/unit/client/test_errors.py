# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How both clients tell failures."""

import pickle
import threading

import grpc
import pytest
from argosy.status import Problem
from argosy_client import (
    Argosy,
    ArgosyError,
    AsyncArgosy,
    DeadlineExceededError,
    NotFoundError,
    OverloadedError,
    UnavailableError,
)

from tests.unit.client.conftest import Ask
from tests.unit.client.fake_fleet import FakeFleet, serve


async def test_an_error_carries_code_reason_metadata_and_delay(ask: Ask, fleet: FakeFleet) -> None:
    problem = Problem("the queue is full;\n try later", "QUEUE_FULL", {"model": "digits"}, retry_after_s=0.5)
    fleet.problem = (grpc.StatusCode.RESOURCE_EXHAUSTED, problem)

    with pytest.raises(OverloadedError) as caught:
        await ask(lambda client: client.nlp.classify("text"))

    error = caught.value
    assert (error.code, error.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "QUEUE_FULL")
    assert (error.metadata, error.retry_after_s) == ({"model": "digits"}, 0.5)
    assert str(error) == "RESOURCE_EXHAUSTED (QUEUE_FULL): the queue is full; try later"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (grpc.StatusCode.NOT_FOUND, NotFoundError),
        (grpc.StatusCode.UNAVAILABLE, UnavailableError),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, OverloadedError),
        (grpc.StatusCode.DEADLINE_EXCEEDED, DeadlineExceededError),
        (grpc.StatusCode.INVALID_ARGUMENT, ArgosyError),
        (grpc.StatusCode.INTERNAL, ArgosyError),
        (grpc.StatusCode.FAILED_PRECONDITION, ArgosyError),
    ],
)
async def test_the_class_of_an_error_follows_its_code(
    ask: Ask, fleet: FakeFleet, code: grpc.StatusCode, kind: type[ArgosyError]
) -> None:
    fleet.problem = (code, Problem("something is wrong"))

    with pytest.raises(ArgosyError) as caught:
        await ask(lambda client: client.models())

    assert type(caught.value) is kind
    assert (caught.value.reason, caught.value.metadata, caught.value.retry_after_s) == ("", {}, None)
    assert str(caught.value) == f"{code.name}: something is wrong"


async def test_details_that_cannot_be_read_leave_code_and_message(ask: Ask, fleet: FakeFleet) -> None:
    fleet.problem = (grpc.StatusCode.INTERNAL, Problem("broken"))
    fleet.details = b"\xff\xff\xff"

    with pytest.raises(ArgosyError, match="INTERNAL: broken"):
        await ask(lambda client: client.models())


async def test_an_answer_after_the_deadline_is_a_deadline_error(ask: Ask, fleet: FakeFleet) -> None:
    fleet.delay_s = 0.5

    with pytest.raises(DeadlineExceededError):
        await ask(lambda client: client.models(timeout_s=0.05))


async def test_nobody_at_the_address_is_an_unavailable_error() -> None:
    gone = FakeFleet()
    serve(gone).stop(None).wait()

    with Argosy(gone.address) as client, pytest.raises(UnavailableError):
        client.models(timeout_s=5)
    async with AsyncArgosy(gone.address) as aio:
        with pytest.raises(UnavailableError):
            await aio.models(timeout_s=5)


def test_an_error_survives_pickling() -> None:
    error = NotFoundError(grpc.StatusCode.NOT_FOUND, "no model 'x'", "MODEL_NOT_FOUND", {"model": "x"}, 1.5)

    copy = pickle.loads(pickle.dumps(error))  # noqa: S301

    assert (type(copy), str(copy), copy.metadata, copy.retry_after_s) == (
        NotFoundError,
        str(error),
        {"model": "x"},
        1.5,
    )


async def test_waiting_ends_when_the_fleet_becomes_ready(ask: Ask, fleet: FakeFleet) -> None:
    fleet.health = 2
    looked = threading.Timer(0.2, lambda: setattr(fleet, "health", 1))
    looked.start()

    await ask(lambda client: client.wait_until_ready(20))

    looked.join()
    assert len(fleet.asked) > 1


async def test_waiting_in_vain_says_what_was_seen_last(ask: Ask, fleet: FakeFleet) -> None:
    fleet.health = 2

    with pytest.raises(DeadlineExceededError, match=r"not ready within 0\.3 s; last seen: NOT_SERVING"):
        await ask(lambda client: client.wait_until_ready(0.3))


async def test_waiting_outlasts_a_fleet_that_is_not_there_yet(ask: Ask, fleet: FakeFleet) -> None:
    fleet.problem = (grpc.StatusCode.UNAVAILABLE, Problem("no healthy upstream"))
    cured = threading.Timer(0.2, lambda: setattr(fleet, "problem", None))
    cured.start()

    await ask(lambda client: client.wait_until_ready(20))

    cured.join()


async def test_waiting_for_what_does_not_exist_fails_at_once(ask: Ask, fleet: FakeFleet) -> None:
    fleet.problem = (grpc.StatusCode.NOT_FOUND, Problem("unknown service", "SERVICE_NOT_FOUND"))

    with pytest.raises(NotFoundError):
        await ask(lambda client: client.wait_until_ready(20, service="model/none"))
    assert len(fleet.asked) == 1
