# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Versions that share the calls of a model, with requests in flight while that changes. Every status is counted."""

import asyncio
import contextlib
import math
import signal
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from argosy_gateway.document_edit import set_labels, set_traffic
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.versions import MODEL, PREDICT, YAML, Caller, Load, Replicas, add_versions, in_flight, run_replicas
from tests.support.envoy import Gateway, run_gateway

pytestmark = pytest.mark.failures

EVENTS = 12
IN_FLIGHT = 24
#: For the sum of all events.
REQUESTS = 3_600
#: Calls among which shares are counted at first.
COUNTED = 120
LABELS = {"stable": 1, "canary": 2}
CONNECTIONS = r"^(listener_manager\.listener_(added|modified|removed)|http\.gateway\.downstream_cx_total)$"


@contextlib.contextmanager
def run_fleet(replicas: Sequence[Replicas], folder: Path, model: Mapping[str, Any]) -> Iterator[Gateway]:
    """Runs a gateway whose document says this of the model."""
    folder.mkdir()
    addresses = [address for each in replicas for address in each.addresses]
    with run_gateway(addresses, folder, models={MODEL: model}) as gateway:
        yield gateway


def callers(**fields: Any) -> list[Caller]:
    """Callers of which every other one leaves it to the gateway to find the model in the message."""
    return [Caller(named=bool(which % 2), **fields) for which in range(IN_FLIGHT)]


async def edit(change: Callable[..., bool], gateway: Gateway, *arguments: Any) -> None:
    """Edits the fleet document as the command does."""
    assert await asyncio.to_thread(change, gateway.fleet, MODEL, *arguments), "nothing was changed"


def within(count: int, calls: int, percent: float) -> bool:
    """Whether a count is within 4.5 standard deviations of its percentage."""
    part = percent / 100
    return abs(count - calls * part) <= 4.5 * math.sqrt(calls * part * (1 - part))


async def settled(load: Load, percent: float) -> None:
    """Waits until so many of the calls go to version 2: a change of the document takes a moment."""
    for _ in range(40):
        load.forget()
        await load.more(COUNTED)
        if within(load.versions[2], load.versions.total(), percent):
            return
    raise AssertionError(f"{percent} % of the calls should go to version 2: {load.versions}")


@pytest.mark.timeout(240)
async def test_no_request_fails_while_weights_change_and_each_is_kept(tmp_path: Path) -> None:
    repository = add_versions(tmp_path / "models", 1, 2)
    start = {"labels": LABELS, "traffic": {"split": {"stable": 100}}}
    with run_replicas(repository, 2) as replicas, run_fleet([replicas], tmp_path / "gateway", start) as gateway:
        async with in_flight(gateway, callers()) as load:
            await settled(load, 0)
            before = gateway.stats(CONNECTIONS)
            for event in range(EVENTS):
                percent = (10, 100, 50, 0, 2.5, 90)[event % 6]
                await edit(set_traffic, gateway, {"stable": 100 - percent, "canary": percent})
                await settled(load, percent)
                await load.more(REQUESTS // EVENTS)
                assert within(load.versions[2], load.versions.total(), percent), load.versions
            after = gateway.stats(CONNECTIONS)
    assert not load.failures, (load.codes, load.failures[:5])
    assert load.total >= REQUESTS
    assert len(before) == 4
    assert after == before, "a connection or the listener was made anew"


@pytest.mark.timeout(240)
@pytest.mark.parametrize("named", [False, True], ids=["by the gateway's weights", "by a label in the message"])
async def test_no_request_fails_while_a_label_switches_versions(tmp_path: Path, named: bool) -> None:
    repository = add_versions(tmp_path / "models", 1, 2)
    model: dict[str, Any] = {"labels": {"live": 1}}
    if not named:
        model["traffic"] = {"split": {"live": 100}}
    with run_replicas(repository, 2) as replicas, run_fleet([replicas], tmp_path / "gateway", model) as gateway:
        async with in_flight(gateway, callers(version="live" if named else "")) as load:
            await load.until(lambda: load.versions[1] > 0, "an answer")
            load.codes.clear()
            load.failures.clear()  # workers may not have had their labels yet
            for event in range(EVENTS):
                version = 2 - event % 2
                await edit(set_labels, gateway, {"live": version}, ())
                await settled(load, 100 if version == 2 else 0)
                await load.more(REQUESTS // EVENTS)
                assert load.versions.keys() == {version}, "after the switch nobody gets the old version"
    assert not load.failures, (load.codes, load.failures[:5])
    assert load.total >= REQUESTS


@contextlib.contextmanager
def run_mirrored(folder: Path, yaml: str = YAML) -> Iterator[tuple[Gateway, Replicas, Replicas]]:
    """Runs a worker with version 1 that gets all calls, and one with version 2 that gets copies of all of them."""
    stable = add_versions(folder / "stable", 1)
    canary = add_versions(folder / "canary", 2, yaml=yaml)
    model = {"labels": LABELS, "traffic": {"split": {"stable": 100}, "mirror": {"canary": 100}}}
    with (
        run_replicas(stable, 1) as primary,
        run_replicas(canary, 1, "--drain-s", "0") as mirror,
        run_fleet([primary, mirror], folder / "gateway", model) as gateway,
    ):
        yield gateway, primary, mirror


async def counted(replicas: Replicas, name: str) -> dict[tuple[str, str], float]:
    """What one worker counted of the model, by version and status."""
    return await asyncio.to_thread(_counted, replicas.workers[0].metrics_port, name)


def _counted(port: int, name: str) -> dict[tuple[str, str], float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
        families = list(text_string_to_metric_families(page.read().decode()))
    samples = [sample for family in families for sample in family.samples if sample.name == name]
    return {
        (sample.labels["version"], sample.labels["code"]): sample.value
        for sample in samples
        if sample.labels["method"] == PREDICT[1:]
    }


async def copies_arrive(mirror: Replicas, code: str, least: int) -> None:
    """Waits until the worker has answered so many copies."""
    for _ in range(600):
        if await copies(mirror, code) >= least:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{least} copies with {code}: {await counted(mirror, 'argosy_shadow_requests_total')}")


async def copies(mirror: Replicas, code: str) -> float:
    """How many copies a worker has answered so."""
    found = await counted(mirror, "argosy_shadow_requests_total")
    return sum(count for (_, answered), count in found.items() if answered == code)


@pytest.mark.timeout(240)
async def test_a_mirror_that_hangs_or_dies_changes_nothing_for_callers(tmp_path: Path) -> None:
    with run_mirrored(tmp_path) as (gateway, primary, mirror):
        async with in_flight(gateway, callers()) as load:
            for _ in range(EVENTS // 2):
                await copies_arrive(mirror, "OK", 1)
                load.forget()
                await load.more(COUNTED)
                usual = load.median_s
                process = mirror.workers[0].process
                load.forget()
                process.send_signal(signal.SIGSTOP)
                await load.more(REQUESTS // EVENTS)
                # Whoever waited for a copy would wait until the gateway's pings had missed an answer.
                assert load.median_s < max(10 * usual, 0.5)
                process.kill()
                await load.more(REQUESTS // EVENTS)
                await asyncio.to_thread(mirror.start, 0)
            await copies_arrive(mirror, "OK", 100)
        assert await counted(primary, "argosy_requests_total") == {("1", "OK"): load.total}
        assert await counted(primary, "argosy_shadow_requests_total") == {}
        assert await counted(mirror, "argosy_requests_total") == {}, "copies are no calls"
    assert not load.failures, (load.codes, load.failures[:5])
    assert load.total >= REQUESTS


async def test_a_mirror_that_refuses_everything_changes_nothing_for_callers(tmp_path: Path) -> None:
    tensors_only = "version_policy: {all: true}\n"
    with run_mirrored(tmp_path, tensors_only) as (gateway, primary, mirror):
        async with in_flight(gateway, callers()) as load:
            await load.more(REQUESTS)
            await copies_arrive(mirror, "FAILED_PRECONDITION", 1000)
        assert await counted(mirror, "argosy_requests_total") == {}
        assert await counted(primary, "argosy_requests_total") == {("1", "OK"): load.total}
    assert not load.failures, (load.codes, load.failures[:5])
