# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import pytest
from argosy.fleet.v1 import model_pb2

from tests.unit.gateway.fleets import fleet, model, worker


def state_of(name: str, *workers: object) -> tuple[str, str]:
    view = fleet(*workers).models[name]  # type: ignore[arg-type]
    return model_pb2.ModelState.Name(view.state).removeprefix("MODEL_STATE_"), view.reason


def test_a_model_is_as_ready_as_its_best_replica() -> None:
    loading, ready = worker("vision", 1, model("m", "LOADING")), worker("vision", 2, model("m"))
    assert state_of("m", loading, ready) == ("READY", "")
    assert [each.address for each in fleet(loading, ready).models["m"].replicas] == ["127.0.0.1:1", "127.0.0.1:2"]


@pytest.mark.parametrize("state", ["READY", "EVICTED"])
def test_a_model_that_is_loaded_on_demand_answers(state: str) -> None:
    assert worker("vision", 1, model("m", state)).answers("m")
    assert fleet(worker("vision", 1, model("m", state))).models["m"].answerable


@pytest.mark.parametrize("state", ["LOADING", "FAILED", "DRAINING", "UNLOADED", "UNREACHABLE"])
def test_a_model_in_another_state_does_not(state: str) -> None:
    assert not fleet(worker("vision", 1, model("m", state))).models["m"].answerable


@pytest.mark.parametrize(("status", "state"), [("UNREACHABLE", "UNREACHABLE"), ("DRAINING", "DRAINING")])
def test_models_of_a_worker_that_is_gone_or_leaving_are_known_and_do_not_answer(status: str, state: str) -> None:
    assert state_of("m", worker("vision", 1, model("m"), status=status)) == (state, "")
    assert worker("vision", 1, model("m"), status=status).ready_models == ()


def test_the_reason_of_a_failure_is_told() -> None:
    assert state_of("m", worker("vision", 1, model("m", "FAILED", reason="no file"))) == ("FAILED", "no file")


def test_a_name_in_two_domains_fails_and_names_both() -> None:
    twice = worker("vision", 1, model("m")), worker("nlp", 2, model("m"))
    state, reason = state_of("m", *twice)
    assert state == "FAILED"
    assert "nlp and vision" in reason
    assert not fleet(*twice).models["m"].answerable


def test_the_default_of_a_method_is_per_domain_and_the_first_by_name() -> None:
    both = worker("vision", 1, model("b", default_for=("Classify",)), model("a", default_for=("Classify", "Embed")))
    other = worker("nlp", 2, model("n", default_for=("Classify",)))
    assert fleet(both, other).defaults == {
        ("vision", "Classify"): "a",
        ("vision", "Embed"): "a",
        ("nlp", "Classify"): "n",
    }


def test_a_domain_is_ready_with_one_answering_model() -> None:
    serving, failing = worker("vision", 1, model("m")), worker("nlp", 2, model("n", "FAILED"))
    assert fleet(serving, failing).ready_domains == {"vision"}
    assert fleet(serving, failing).domains == ("nlp", "vision")
