# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The Python client and the command line without a proxy: ``Argosy("xds:///")``."""

from collections.abc import Iterator
from unittest import mock

import pytest
from argosy_client import Argosy, AsyncArgosy, HealthStatus, NotFoundError
from argosy_client.demo.play import play

from tests.e2e.requests import SEVEN
from tests.e2e.shell import argosy_command
from tests.support.fleet import ALL_MODELS, DEMO, FleetAddresses


def test_the_command_line_says_in_one_line_what_is_wrong() -> None:
    for name, value, expected in (
        ("ARGOSY_XDS", "127.0.0.1:1", "no answer at xds:/// (connection refused)"),
        ("ARGOSY_XDS", "nowhere", "ARGOSY_XDS is 'nowhere'"),
        ("GRPC_XDS_BOOTSTRAP", "file.json", "set ARGOSY_XDS to its host:port"),
    ):
        ended = argosy_command("models", "--address", "xds:///", **{name: value})
        assert ended.status in (1, 2)
        assert expected in ended.err
        assert ended.err.count("\n") == 1, ended.err
    ended = argosy_command("nlp", "classify", "x", "--address", "xds:///", ARGOSY_XDS="127.0.0.1:1")
    assert (ended.status, ended.err.count("\n")) == (1, 1), ended.err


@pytest.fixture
def direct(fleet: FleetAddresses) -> Iterator[FleetAddresses]:
    """The shared fleet, with the environment that names its control plane; what clients add to it goes at the end."""
    with mock.patch.dict("os.environ", {"ARGOSY_XDS": fleet.control_plane}):
        yield fleet


def test_a_typed_call_of_each_domain_gives_the_known_answer(direct: FleetAddresses) -> None:
    outcomes = play("xds:///", timeout_s=60)
    assert {outcome.sample.domain for outcome in outcomes} == set(DEMO)
    assert [(each.difference, each.error) for each in outcomes] == [("", None)] * len(outcomes)


def test_calls_about_the_fleet_go_to_the_control_plane(direct: FleetAddresses) -> None:
    with Argosy("xds:///", timeout_s=60) as argosy:
        argosy.wait_until_ready(60)
        assert {model.name for model in argosy.models()} == {name for names in ALL_MODELS.values() for name in names}
        assert {worker.address for worker in argosy.workers()} == set(direct.workers.values())
        assert argosy.health("model/digits") is HealthStatus.SERVING
        assert next(iter(argosy.watch_models("nlp"))).name in ALL_MODELS["nlp"]


async def test_the_asyncio_client_calls_workers_and_control_plane(direct: FleetAddresses) -> None:
    async with AsyncArgosy("xds:///", timeout_s=60) as argosy:
        result = await argosy.vision.classify(SEVEN, model="digits")
        assert (result.best.label, bool(result.timing.replica)) == ("7", True)
        assert (await argosy.model("digits")).domain == "vision"
        with pytest.raises(NotFoundError, match="MODEL_NOT_FOUND"):
            await argosy.vision.classify(SEVEN, model="no-such-model")
