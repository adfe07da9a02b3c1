# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What both clients send to the tabular domain, and how they read its answers."""

import asyncio
import inspect
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import grpc
import numpy as np
import pytest
from argosy.common.v1 import tensor_pb2
from argosy.status import Problem
from argosy.tabular.v1 import tabular_pb2
from argosy_client import Anomaly, Argosy, ArgosyError, AsyncArgosy, FeatureAttribution, RowError

from tests.unit.client.conftest import Ask
from tests.unit.client.fake_fleet import FEATURES, FakeFleet

NAN = float("nan")
PARTS = tuple(FeatureAttribution(name, value) for name, value in FEATURES.items())


async def test_errors_of_rows_are_reported_where_that_is_wanted(ask: Ask, fleet: FakeFleet) -> None:
    good, bad = await ask(lambda client: client.tabular.predict([{"age": 1.0}, {"age": NAN}], report_errors=True))

    assert fleet.last.request.row_errors == tabular_pb2.ROW_ERRORS_REPORT
    assert (good.values, good.error) == ((151.5,), None)
    assert (bad.values, bad.error) == ((), RowError("VALUE_NOT_FINITE", "row 0: feature 'age' is nan"))
    await ask(lambda client: client.tabular.predict({"age": 1.0}))
    assert fleet.last.request.row_errors == tabular_pb2.ROW_ERRORS_UNSPECIFIED


async def gathered(ask: Ask, *readings: Any, **settings: Any) -> list[Any]:
    """All that a stream answers, with either client."""

    def call(client: Any) -> Any:
        found = client.tabular.predict_stream(iter(readings), **settings)
        return collected(found) if hasattr(found, "__aiter__") else list(found)

    results: list[Any] = await ask(call)
    return results


async def collected(stream: AsyncIterator[Any]) -> list[Any]:
    return [each async for each in stream]


async def test_a_stream_sends_its_configuration_and_then_readings_of_any_kind(ask: Ask, fleet: FakeFleet) -> None:
    readings = [{"age": 1.0}, [{"age": 2.0}, {"age": 3.0}], np.array([4.0, 5.0]), np.array([[NAN, 1], [6, 1]])]

    found = await gathered(ask, *readings, step=2, window=7, model="m", version="stable")

    config, *others = [each.request for each in fleet.asked]
    assert (config.model, config.version, config.config.step, config.config.window) == ("m", "stable", 2, 7)
    assert fleet.asked[0].metadata["x-model"] == "m"
    assert [len(each.readings.rows) for each in others] == [1, 2, 1, 2]
    assert dict(others[0].readings.rows[0].named) == {"age": 1}
    assert list(others[2].readings.rows[0].values) == [4, 5]
    assert [each.reading_count for each in found] == [1, 2, 3, 4, 5, 6]
    assert found[1].result.anomaly == Anomaly(2.0, 2.5, False, PARTS)
    assert found[3].result.anomaly == Anomaly(4.0, 2.5, True, PARTS)
    assert found[4].result.error == RowError("VALUE_NOT_FINITE", "row 0 is nan")
    assert (found[0].result.model, found[0].result.version) == ("digits", "3")


async def test_a_stream_has_no_deadline_unless_it_is_given_one(ask: Ask, fleet: FakeFleet) -> None:
    await gathered(ask, {"age": 1.0})
    assert (fleet.asked[0].remaining_s or 1e9) > 1e6
    await gathered(ask, {"age": 1.0}, timeout_s=20)
    assert 0 < (fleet.last.remaining_s or 0) < 30


async def test_a_stream_that_is_refused_raises_and_so_do_readings_that_fail(ask: Ask, fleet: FakeFleet) -> None:
    with pytest.raises(ValueError, match="dict of feature names"):
        await gathered(ask, {"age": 1.0}, "age")
    fleet.problem = (grpc.StatusCode.INVALID_ARGUMENT, Problem("no", "STEP_OUT_OF_RANGE", {}))
    with pytest.raises(ArgosyError) as caught:
        await gathered(ask, {"age": 1.0})
    assert caught.value.reason == "STEP_OUT_OF_RANGE"


@pytest.mark.parametrize("settings", [{"step": -1}, {"step": 1.5}, {"window": 2**31}])
async def test_settings_of_a_stream_that_cannot_be_sent_are_refused(ask: Ask, settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="it must be from 0"):
        await gathered(ask, {"age": 1.0}, **settings)


def test_a_verdict_is_there_before_the_next_reading_is_sent(fleet: FakeFleet) -> None:
    seen: list[float] = []
    go_on = threading.Event()

    def readings() -> Iterator[dict[str, float]]:
        for value in (1.0, 2.0):
            yield {"age": value}
            assert go_on.wait(10), "the answer to the reading before did not come"
            go_on.clear()

    with Argosy(fleet.address) as client:
        for found in client.tabular.predict_stream(readings()):
            assert found.result.anomaly is not None
            seen.append(found.result.anomaly.score)
            go_on.set()
    assert seen == [1.0, 2.0]


async def test_readings_may_come_from_an_asynchronous_iterator(fleet: FakeFleet) -> None:
    async def readings() -> AsyncIterator[dict[str, float]]:
        for value in (1.0, 2.0):
            yield {"age": value}
            await asyncio.sleep(0)

    async with AsyncArgosy(fleet.address) as client:
        assert [each.reading_count async for each in client.tabular.predict_stream(readings())] == [1, 2]


def test_who_stops_listening_ends_the_stream(fleet: FakeFleet) -> None:
    def endless() -> Iterator[dict[str, float]]:
        while not fleet.cancelled.wait(0.001):
            yield {"age": 1.0}

    with Argosy(fleet.address) as client:
        stream = client.tabular.predict_stream(endless())
        next(stream)
        assert inspect.isgenerator(stream)
        stream.close()
        assert fleet.cancelled.wait(10)


async def test_an_explanation_has_features_figures_and_the_picture(ask: Ask, fleet: FakeFleet) -> None:
    found = await ask(
        lambda client: client.tabular.explain(
            {"age": 1.0}, target="age", max_evaluations=300, seed=-5, picture=True, model="m", version=2
        )
    )

    request = fleet.last.request
    options = request.options
    assert (options.target, options.max_evaluations, options.seed, options.rendering) == ("age", 300, -5, 1)
    assert (request.model, request.version, dict(request.row.named)) == ("m", "2", {"age": 1})
    assert not request.HasField("background")
    assert found.features == PARTS
    summary = found.summary
    assert (summary.method, summary.value, summary.base_value, summary.evaluation_count) == ("shapley", 3.0, 1.0, 42)
    assert (summary.additivity_gap, summary.fidelity) == (0.0, None)
    assert (summary.rendering.media_type, summary.rendering.data) == ("image/png", b"png")


async def test_arrays_are_explained_against_a_background_that_is_sent(ask: Ask, fleet: FakeFleet) -> None:
    background = np.zeros((3, 4, 2), np.float32)
    found = await ask(lambda client: client.tabular.explain(np.ones((4, 2)), background=background))

    request = fleet.last.request
    assert (list(request.tensor.shape), list(request.background.shape)) == ([1, 4, 2], [3, 4, 2])
    assert request.background.data_type == tensor_pb2.DATA_TYPE_FP32
    assert found.summary.rendering is None
    await ask(lambda client: client.tabular.explain(np.ones(2)))
    assert list(fleet.last.request.tensor.shape) == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"row": np.ones((1, 2, 3))}, "must have"),
        ({"row": {"a": "b"}}, "not a number"),
        ({"row": {"a": 1}, "max_evaluations": -1}, "max_evaluations"),
        ({"row": {"a": 1}, "seed": 1.5}, "seed"),
    ],
)
async def test_explanations_that_cannot_be_sent_are_refused(ask: Ask, arguments: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        await ask(lambda client: client.tabular.explain(**arguments))
