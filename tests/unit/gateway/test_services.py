# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from argosy_gateway import services


def test_every_method_of_every_domain_names_its_model() -> None:
    assert {"nlp", "recommendation", "speech", "tabular", "vision"} <= set(services.domains())
    paths = {method.path: method for method in services.typed_methods()}
    classify = paths["/argosy.vision.v1.VisionService/Classify"]
    assert (classify.domain, classify.model_field, classify.request_type) == (
        "vision",
        "model",
        "argosy.vision.v1.ClassifyRequest",
    )


def test_each_v2_method_is_answered_in_exactly_one_place() -> None:
    by_model = {method.name for method in services.v2_model_methods()}
    by_any_worker = {path.rpartition("/")[2] for path in services.v2_fleet_paths()}
    by_front = set(services.v2_front_methods())
    assert len(by_model) + len(by_any_worker) + len(by_front) == len(by_model | by_any_worker | by_front) == 20
    assert next(m for m in services.v2_model_methods() if m.name == "ModelStreamInfer").client_streaming


def test_nothing_of_the_worker_service_is_public() -> None:
    reachable = {*services.model_methods(), *services.front_paths(), *services.v2_fleet_paths()}
    assert not [path for path in reachable if "WorkerService" in path]
    assert "argosy.fleet.v1.WorkerService" not in services.public_services()
    assert not [name for name in services.public_services() if "Demand" in name or "Scaler" in name]
    assert {"argosy.fleet.v1.FleetService", "inference.GRPCInferenceService", "grpc.health.v1.Health"} <= set(
        services.public_services()
    )
