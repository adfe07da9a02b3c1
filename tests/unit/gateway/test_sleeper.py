# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from argosy.fleet.v1 import model_pb2
from argosy_gateway.discovery import Desired, WorkerSpec
from argosy_gateway.fleet import Fleet
from argosy_gateway.front.health import status
from argosy_gateway.registry import Registry
from argosy_gateway.resources.endpoints import assignments
from argosy_gateway.resources.routing import routing
from grpc_health.v1 import health_pb2

from tests.unit.gateway.fleets import model, worker

VISION, NLP = WorkerSpec("vision", "127.0.0.1:1"), WorkerSpec("nlp", "127.0.0.1:2")
BOTH, REST = Desired((VISION, NLP)), Desired((NLP,))


def registry() -> Registry:
    """Of a fleet with two workers, one of a domain that is scaled."""
    held = Registry(["vision"])
    held.want(BOTH)
    held.update(VISION, worker("vision", 1, model("digits", default_for=("Classify",))))
    held.update(NLP, worker("nlp", 2, model("sentiment")))
    return held


def state(fleet: Fleet, name: str) -> str:
    """State of a model as callers see it."""
    return model_pb2.ModelState.Name(fleet.models[name].state).removeprefix("MODEL_STATE_")


def test_models_of_a_domain_stay_known_without_workers_and_go_to_the_front() -> None:
    held = registry()
    assert state(held.fleet.value, "digits") == "READY"
    held.want(REST)
    fleet = held.fleet.value
    assert (state(fleet, "digits"), fleet.models["digits"].domain) == ("ASLEEP", "vision")
    assert not routing(fleet).models["digits"].answerable
    assert fleet.defaults["vision", "Classify"] == "digits"
    assert not {each.cluster_name: each for each in assignments(fleet)}["domain/vision"].endpoints


def test_a_domain_that_nobody_scales_is_forgotten_with_its_last_worker() -> None:
    held = registry()
    held.want(Desired((VISION,)))
    assert set(held.fleet.value.models) == {"digits"}


def test_a_domain_that_wakes_is_asleep_until_a_model_answers() -> None:
    held = registry()
    held.want(REST)
    held.want(BOTH)
    assert state(held.fleet.value, "digits") == "ASLEEP"
    held.update(VISION, worker("vision", 1, model("digits", "LOADING"), model("faces", "LOADING")))
    assert {name: state(held.fleet.value, name) for name in ("digits", "faces")} == {
        "digits": "LOADING",
        "faces": "LOADING",
    }
    held.update(VISION, worker("vision", 1, model("faces")))
    assert set(held.fleet.value.models) == {"faces", "sentiment"}, "what its worker does not hold any more is gone"


def test_sleep_is_no_illness() -> None:
    held = registry()
    serving = health_pb2.HealthCheckResponse.SERVING
    held.want(REST)
    assert status(held.fleet.value, "") == serving
    assert status(held.fleet.value, "model/digits") != serving
    held.want(BOTH)
    held.update(VISION, worker("vision", 1, model("digits", "LOADING")))
    assert status(held.fleet.value, "") == serving, "it wakes"
    held.update(VISION, worker("vision", 1, model("digits")))
    held.update(VISION, worker("vision", 1, model("digits"), status="UNREACHABLE"))
    assert status(held.fleet.value, "") != serving, "its worker is lost"


def test_models_that_the_source_describes_are_known_to_who_has_never_seen_a_worker() -> None:
    held = Registry(["vision"])
    described = model_pb2.ModelDescription(name="digits", domain="vision", default_for=["Classify"])
    other = model_pb2.ModelDescription(name="sentiment", domain="nlp")
    held.want(Desired((), described=(described, other)))
    assert set(held.fleet.value.models) == {"digits"}
    assert state(held.fleet.value, "digits") == "ASLEEP"
