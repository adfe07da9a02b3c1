# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Writes a model.yaml that a person can go on with."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from argosy_client.bridge.diagnose import MAX_BATCH_SIZE, Diagnosis
from argosy_client.bridge.findings import Weight
from argosy_client.bridge.plan import Plan

_WIDTH = 110


def document(name: str, diagnosis: Diagnosis, plan: Plan, golden: Mapping[str, float], origin: str) -> str:
    """The text of model.yaml.

    Args:
        name: Name of the model.
        golden: Tolerance of each golden sample, by its file.
        origin: Who computed the golden samples, for people.
    """
    config: dict[str, Any] = {
        "name": name,
        "description": f"Added from {diagnosis.path.name}"
        + (f", exported by {diagnosis.graph.producer}." if diagnosis.graph and diagnosis.graph.producer else "."),
    }
    comments: dict[str, str] = {"description": "What it does, for people: please say it.", **plan.comments}
    if plan.methods:
        config["methods"] = list(plan.methods)
        config["labels_file"] = "labels.txt"
        if not plan.labels:
            del config["labels_file"]
        comments["methods"] = "\n".join([f"Domain {plan.domain}: {plan.why}.", *(f"{one}." for one in plan.reasons)])
        config[plan.domain] = dict(plan.section)
    if diagnosis.max_batch_size != MAX_BATCH_SIZE:
        config["batching"] = {"max_batch_size": diagnosis.max_batch_size}
        comments["batching.max_batch_size"] = (
            "1: items are run one by one" if diagnosis.max_batch_size else "0: each request is one run"
        )
    if golden:
        config["golden"] = [{"file": file, "tolerance": accepted} for file, accepted in golden.items()]
        comments["golden"] = f"Run before the model is served, and at intervals. Outputs are those of {origin}."
    head = [
        "Written by 'argosy add'. Every key is in docs/model-repository.md.",
        "What is marked GUESSED is not told by the graph: compare it with the training.",
    ]
    if not plan.methods:
        head.append(f"Served by its tensors alone: {plan.missing or 'no method fits'}.")
    head += [f"{finding.code}: {finding.message}" for finding in diagnosis.findings if finding.weight is Weight.LIMITED]
    head += [f"Note: {note}." for note in plan.notes]
    lines = [line for text in head for line in _comment(text, "")]
    return "\n".join([*lines, "", *_mapping(config, comments, "", "")]) + "\n"


def _mapping(section: Mapping[str, Any], comments: Mapping[str, str], path: str, indent: str) -> Iterator[str]:
    for key, value in section.items():
        where = f"{path}{key}"
        yield from _comment(comments.get(where, ""), indent)
        if isinstance(value, Mapping):
            yield f"{indent}{key}:"
            yield from _mapping(value, comments, f"{where}.", f"{indent}  ")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            yield f"{indent}{key}:"
            yield from (f"{indent}  - {_flow(item)}" for item in value)
        else:
            yield f"{indent}{key}: {_flow(value)}"


def _comment(text: str, indent: str) -> Iterator[str]:
    for paragraph in text.splitlines():
        for line in textwrap.wrap(paragraph, _WIDTH - len(indent)):
            yield f"{indent}# {line}"


def _flow(value: Any) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=True, width=1 << 20, allow_unicode=True, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...")
