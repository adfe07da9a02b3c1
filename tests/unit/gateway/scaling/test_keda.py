# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import asyncio

import grpc
import pytest
from argosy.keda import externalscaler_pb2 as keda
from argosy.keda.externalscaler_pb2_grpc import ExternalScalerStub
from argosy.status import unpack
from argosy_gateway.scaling import keda as scaler
from argosy_gateway.scaling.groups import MOST_GROUPS

from tests.unit.gateway.fleets import model, worker
from tests.unit.gateway.scaling.stage import Stage, scaled, serving


async def wanted(stub: ExternalScalerStub, **metadata: str) -> float:
    """The value of the one metric."""
    ref = scaled(**metadata)
    (spec,) = (await stub.GetMetricSpec(ref)).metricSpecs
    assert spec.targetSizeFloat == 1.0
    request = keda.GetMetricsRequest(scaledObjectRef=ref, metricName=spec.metricName)
    (value,) = (await stub.GetMetrics(request)).metricValues
    assert value.metricName == spec.metricName
    found: float = value.metricValueFloat
    return found


async def test_the_metric_is_the_number_of_replicas_that_are_wanted() -> None:
    stage = Stage()
    stage.put(worker("vision", 1, model("digits")))
    async with serving(stage) as stub:
        running = asyncio.create_task(stage.scaling.run())
        await asyncio.sleep(0)
        stage.pass_time(20, demand=0.5)
        assert (await wanted(stub), (await stub.IsActive(scaled())).result) == (1.0, True)
        stage.pass_time(10, demand=2.4)
        assert await wanted(stub, utilization="0.8") >= 3.0
        assert stage.metrics.get_sample_value(
            "argosy_gateway_wanted_replicas", {"namespace": "argosy-system", "scaled_object": "worker-vision"}
        ) == await wanted(stub, utilization="0.8")
        running.cancel()


async def test_a_call_that_finds_no_worker_is_pushed_at_once_and_forgotten_after_the_idle_time() -> None:
    stage = Stage()
    async with serving(stage) as stub:
        running = asyncio.create_task(stage.scaling.run())
        await asyncio.sleep(0)
        watch = stub.StreamIsActive(scaled(idleSeconds="60"))
        assert not (await watch.read()).result
        stage.now += 100
        assert stage.call() == 30.0
        pushed = await asyncio.wait_for(watch.read(), 0.5)
        assert pushed.result
        assert await wanted(stub) == 1.0
        stage.now += 80
        assert (await stub.IsActive(scaled(idleSeconds="60"))).result, "its caller was told to come back after 30 s"
        stage.now += 11
        assert not (await asyncio.wait_for(watch.read(), 3)).result
        running.cancel()


async def test_nothing_is_decided_before_the_fleet_is_known() -> None:
    async with serving(Stage()) as stub:
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await stub.IsActive(scaled())
    assert error.value.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        ({"domain": "visoin"}, "domain is 'visoin'"),
        ({"domain": ""}, "there are"),
        ({"idleSeconds": "soon"}, "idleSeconds is 'soon'"),
        ({"utilization": "80"}, "must be from 0.01 to 1"),
        ({"utilization": "1e-30"}, "must be from 0.01 to 1"),
        ({"utilization": "1e-320"}, "must be from 0.01 to 1"),
        ({"idleSecond": "3"}, "unknown metadata idleSecond"),
        ({"downSeconds": "901"}, "downSeconds must be at most 900"),
        ({"startSeconds": "nan"}, "startSeconds must be a number of seconds from 0 up"),
        ({"models": " , ,"}, "models is ', ,', which names none"),
        ({"models": "digits,\0"}, r"models has '\x00', which is no name of a model"),
        ({"models": ",".join(f"m{number}" for number in range(65))}, "models has 65 names; 64 is the most"),
    ],
)
async def test_a_trigger_that_cannot_be_meant_is_refused_with_what_is_wrong(
    metadata: dict[str, str], says: str
) -> None:
    async with serving(Stage()) as stub:
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await stub.GetMetricSpec(scaled(**metadata))
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    problem = unpack("", error.value.trailing_metadata())
    assert problem.reason == "TRIGGER_INVALID"
    assert says in problem.message


@pytest.mark.parametrize("names", [{"name": "x" * 254}, {"namespace": "x" * 64}])
async def test_names_that_no_resource_can_have_are_refused_and_shown_nowhere(names: dict[str, str]) -> None:
    stage = Stage()
    stage.put(worker("vision", 1, model("digits")))
    asking = scaled()
    asking.MergeFrom(keda.ScaledObjectRef(**names))
    async with serving(stage) as stub:
        running = asyncio.create_task(stage.scaling.run())
        await asyncio.sleep(0)
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await stub.IsActive(asking)
        running.cancel()
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert unpack("", error.value.trailing_metadata()).reason == "TRIGGER_INVALID"
    labels = {"namespace": asking.namespace, "scaled_object": asking.name}
    assert stage.metrics.get_sample_value("argosy_gateway_wanted_replicas", labels) is None


async def test_a_group_of_some_models_counts_their_workers_and_calls_alone() -> None:
    stage = Stage()
    stage.put(worker("vision", 1, model("digits")), worker("vision", 2, model("faces")))
    async with serving(stage) as stub:
        running = asyncio.create_task(stage.scaling.run())
        await asyncio.sleep(0)
        assert await wanted(stub, models="faces", downSeconds="0") == 1.0
        stage.pass_time(20, demand=3.0)
        assert await wanted(stub, models="faces", downSeconds="0") == 1.0
        assert await wanted(stub, models="digits, faces", downSeconds="0") >= 3.0
        names = {
            (await stub.GetMetricSpec(scaled(models=each))).metricSpecs[0].metricName for each in ("", "faces", "a,b")
        }
        assert len(names) == 3
        running.cancel()


async def test_whoever_asks_for_too_many_groups_is_refused_and_each_is_shown_until_it_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage()
    stage.put(worker("vision", 1, model("digits")))

    def shown(name: str) -> float | None:
        labels = {"namespace": "argosy-system", "scaled_object": name}
        return stage.metrics.get_sample_value("argosy_gateway_wanted_replicas", labels)

    async with serving(stage) as stub:
        running = asyncio.create_task(stage.scaling.run())
        await asyncio.sleep(0)
        with pytest.raises(grpc.aio.AioRpcError) as error:
            for number in range(MOST_GROUPS):
                await stub.IsActive(scaled(models=f"m{number}"))
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert unpack("", error.value.trailing_metadata()).reason == "TOO_MANY_GROUPS"
        name = scaled().name
        assert shown(name) is not None
        monkeypatch.setattr(scaler, "FORGET_S", -1.0)
        other = scaled()
        other.name = "other"
        await stub.IsActive(other)
        assert shown(name) is None
        assert shown("other") is not None
        running.cancel()
