# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The definition of the custom resource says what the code reads and writes."""

from pathlib import Path
from typing import Any

import yaml
from argosy_gateway import model_resource
from argosy_gateway.controller import status
from argosy_gateway.controller.status import Figures
from argosy_gateway.document import ModelEntry
from argosy_gateway.services import domains
from argosy_worker.repository.schema import ModelConfig

from tests.unit.gateway.controller.resources import wanted

ROOT = Path(__file__).resolve().parents[2]


def definition() -> dict[str, Any]:
    """The definition."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "deploy/k8s/crds/models.yaml").read_text())
    return found


def schema(part: str) -> dict[str, Any]:
    """The properties of a part of the resource."""
    found = definition()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"][part]["properties"]
    assert isinstance(found, dict)
    return found


def test_the_resource_is_the_one_that_is_watched() -> None:
    spec = definition()["spec"]
    assert (spec["group"], spec["names"]["plural"], spec["names"]["kind"]) == (
        model_resource.GROUP,
        model_resource.PLURAL,
        model_resource.KIND,
    )
    assert [version["name"] for version in spec["versions"]] == [model_resource.VERSION]


def test_its_domains_are_all_that_there_are() -> None:
    assert sorted(schema("spec")["domain"]["enum"]) == list(domains())


def test_what_it_shares_with_the_fleet_document_has_the_same_names() -> None:
    assert ModelEntry.model_fields.keys() <= schema("spec").keys()
    traffic = ModelEntry.model_fields["traffic"].annotation
    assert traffic is not None
    assert schema("spec")["traffic"]["properties"].keys() == traffic.model_fields.keys()


def test_limits_are_those_of_model_yaml() -> None:
    fields = ModelConfig.model_json_schema()
    batching = fields["$defs"]["Batching"]["properties"]
    ours = schema("spec")["batching"]["properties"] | schema("spec")["limits"]["properties"]
    for name, theirs in {
        "maxBatchSize": batching["max_batch_size"],
        "maxDelayMs": batching["max_delay_ms"],
        "maxQueue": batching["max_queue"],
        "maxItems": fields["properties"]["max_items"],
    }.items():
        assert (ours[name]["minimum"], ours[name]["maximum"]) == (theirs["minimum"], theirs["maximum"]), name


def test_everything_that_is_written_is_in_the_schema_and_every_column_is_written() -> None:
    written = {*status.body(wanted(), [], [], Figures(), 1), "conditions"}
    assert written == schema("status").keys()
    columns = definition()["spec"]["versions"][0]["additionalPrinterColumns"]
    named = {
        each["jsonPath"].split(".")[2].split("[")[0] for each in columns if each["jsonPath"].startswith(".status.")
    }
    assert named <= written
