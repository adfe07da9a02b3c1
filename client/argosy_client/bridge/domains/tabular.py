# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Rows and sequences of features."""

from dataclasses import replace
from typing import Any

import numpy as np

from argosy_client.bridge.graph import Value
from argosy_client.bridge.parts import Finder, Part, by_tensors, put_together
from argosy_client.bridge.plan import Facts, Plan

METHODS = ("Predict", "PredictStream", "Explain")

_PLAIN_NAMES = "no names are known: put them into features.txt beside the graph, one a line, and add it again"
#: With fewer values than this, as many outputs as inputs are no sign of an autoencoder.
_LEAST_RESTORED = 3
_ANOMALY = ("anomal", "outlier", "novelty")
_SCORE = (*_ANOMALY, "score", "error", "distance")


def fits(facts: Facts) -> str:
    """Why a graph looks like one of rows; empty where it does not."""
    if len(facts.graph.inputs) != 1:
        return ""
    value = facts.graph.inputs[0]
    dims = facts.dims(value)
    if value.datatype == "BYTES" or len(dims) not in (2, 3) or not isinstance(dims[-1], int):
        return ""
    what = "rows" if len(dims) == 2 else "sequences"
    return f"its one input '{value.name}' [{', '.join(map(str, dims))}] looks like {what} of {dims[-1]} features"


def plan(facts: Facts, why: str) -> Plan:
    """A plan; by tensors alone where the graph does not take one input of features.

    Raises:
        ValueError: a method was asked for that the graph does not allow.
    """
    if not fits(facts):
        missing = "Predict takes one input [batch, features] and reads one output [batch, targets or classes]"
        return by_tensors("tabular", why, missing, facts)
    value = facts.graph.inputs[0]
    dims = facts.dims(value)
    names, known = _names(facts, value)
    section: dict[str, Any] = {"input": value.name}
    if len(dims) == 3:
        section["sequences"] = True
    if len(dims) == 3 and isinstance(dims[1], int):
        section["timesteps"] = dims[1]
    features = [{"name": name} for name in names]
    comments = {"tabular.features": "in the graph's order" if known else f"in the graph's order; {_PLAIN_NAMES}"}
    made = put_together(Plan("tabular", why, section=section, comments=comments), facts, _FINDERS)
    return replace(made, section={**made.section, "features": features}) if made.methods else made


def _names(facts: Facts, value: Value) -> tuple[tuple[str, ...], bool]:
    """Names of the features, and whether somebody gave them."""
    count = int(facts.dims(value)[-1])
    known = facts.companions.features
    return (known, True) if len(known) == count else (tuple(f"feature_{n}" for n in range(count)), False)


def _anomaly(facts: Facts) -> Part | str | None:
    """One number for each row, of which much is unusual; and perhaps the part of each feature in it."""
    features = int(facts.dims(facts.graph.inputs[0])[-1])
    score = next((one for one in facts.free(2) if facts.width(one) == 1 and one.named(*_SCORE)), None)
    if score is None:
        return None
    parts = next((one for one in facts.free(2) if one is not score and facts.width(one) == features), None)
    if parts is None and not score.named(*_ANOMALY):
        return None
    threshold = float(f"{float(facts.given(score).max()):.4g}")
    section: dict[str, Any] = {"output": score.name, "task": "anomaly", "anomaly": {"threshold": threshold}}
    why = f"output '{score.name}' is one number, by its name of how unusual a row is"
    comments = {
        "tabular.task": "scores, the higher the more unusual; for values write regression, without anomaly",
        "tabular.anomaly.threshold": "GUESSED: the largest score that the samples gave; choose it on ordinary rows",
    }
    if parts is not None:
        section["anomaly"]["parts"] = parts.name
        comments["tabular.anomaly.parts"] = "GUESSED: what each feature adds to the score"
        why += f", and '{parts.name}' has a number for each of the {features} features"
    outputs = (score.name, *([parts.name] if parts is not None else []))
    return _part(facts, section, why, outputs, comments)


def _predictions(facts: Facts) -> Part | str | None:
    """A row of values or of classes for each row."""
    output, value = facts.scores(), facts.graph.inputs[0]
    restored = next((one for one in facts.free(2, 3) if _is_restored(facts, one, value)), None)
    if output is None:
        if restored is None:
            return None
        return f"output '{restored.name}' {_RESTORED}"
    labels, activation = facts.labels(output), facts.activation(output)
    # Other outputs hold whole numbers or texts: the classes that a classifier chose.
    chosen = any(one.datatype in ("INT64", "INT32", "BYTES") for one in facts.graph.outputs)
    width = facts.width(output)
    classes = restored is not output and (bool(labels) or chosen or (width > 1 and activation == "none"))
    section: dict[str, Any] = {"output": output.name, "task": "classification" if classes else "regression"}
    comments = {
        "tabular.task": "classes"
        if classes
        else "values, because no names of classes are known and rows of the output "
        "do not add up to 1; for classes write classification, with activation: softmax for logits",
        "tabular.activation": "the graph gives probabilities" if activation == "none" else "the graph gives logits",
    }
    if classes:
        section["activation"] = activation
    why = f"output '{output.name}' has {width} {'class' if classes else 'value'}"
    why += ("es" if classes else "s") * (width > 1)
    if restored is not output:
        return _part(facts, section, why, (output.name,), comments, labels if classes else ())
    names, _ = _names(facts, value)
    section["targets"] = list(names)
    comments["tabular.targets"] = "the features themselves, as the graph restores them"
    return _part(facts, section, why, (output.name,), comments, (), (f"output '{output.name}' {_RESTORED}",))


_RESTORED = (
    "has the shape of its input, as an autoencoder's has: to tell anomalies, give out their score [batch, 1] as well, "
    "such as the mean of the squared differences, named anomaly_score, and those differences [batch, features] as its "
    "parts"
)


def _is_restored(facts: Facts, value: Value, source: Value) -> bool:
    shape = facts.inputs[source.name].shape[1:]
    same = facts.given(value).shape[1:] == shape and shape[-1] >= _LEAST_RESTORED
    return same and not facts.labels(value) and not np.allclose(facts.given(value).sum(axis=-1), 1, atol=1e-3)


def _part(
    facts: Facts,
    section: dict[str, Any],
    why: str,
    outputs: tuple[str, ...],
    comments: dict[str, str],
    labels: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Part:
    value = facts.graph.inputs[0]
    rows = len(facts.dims(value)) == 2
    background = facts.companions.file("background.npy")
    methods = ("Predict", "PredictStream", *(("Explain",) if background else ()))
    if background is not None:
        section["background"] = "background.npy"
        comments["tabular.background"] = "ordinary rows, against which Explain judges features"
    request: dict[str, Any] = {}
    if rows:
        names, _ = _names(facts, value)
        first = facts.inputs[value.name][0]
        request = {"rows": [{"named": {name: float(str(n)) for name, n in zip(names, first, strict=True)}}]}
    assets = {"background.npy": background} if background is not None else {}
    return Part(methods, why, outputs, section, comments, labels, assets, request, notes)


_FINDERS = (
    Finder(METHODS, "an output of scores of anomalies [batch, 1]", _anomaly),
    Finder(METHODS, "one output [batch, targets or classes] (and background.npy beside it, for Explain)", _predictions),
)
