# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Rows and sequences of features."""

from argosy_client.bridge.plan import Facts, Plan

_PLAIN_NAMES = "no names are known: put them into features.txt beside the graph, one a line, and add it again"


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
    """A plan for Predict; by tensors alone where the outputs do not allow it."""
    output = facts.scores()
    if not fits(facts) or output is None:
        missing = "Predict takes one input [batch, features] and reads one output [batch, targets or classes]"
        return Plan("tabular", why, missing=missing)
    value = facts.graph.inputs[0]
    dims = facts.dims(value)
    count = int(dims[-1])
    known = facts.companions.features
    names = known if len(known) == count else tuple(f"feature_{number}" for number in range(count))
    labels = facts.labels(output)
    activation = facts.activation(output)
    # Other outputs hold whole numbers or texts: the classes that a classifier chose.
    chosen = any(one.datatype in ("INT64", "INT32", "BYTES") for one in facts.graph.outputs)
    classes = bool(labels) or chosen or (facts.width(output) > 1 and activation == "none")
    section: dict[str, object] = {"input": value.name, "output": output.name}
    section["task"] = "classification" if classes else "regression"
    if classes:
        section["activation"] = activation
    if len(dims) == 3:
        section["sequences"] = True
    if len(dims) == 3 and isinstance(dims[1], int):
        section["timesteps"] = dims[1]
    section["features"] = [{"name": name} for name in names]
    comments = {
        "tabular.task": "classes"
        if classes
        else "values, because no names of classes are known and rows of the output "
        "do not add up to 1; for classes write classification, with activation: softmax for logits",
        "tabular.activation": "the graph gives probabilities" if activation == "none" else "the graph gives logits",
        "tabular.features": "in the graph's order" if names is known else f"in the graph's order; {_PLAIN_NAMES}",
    }
    first = facts.inputs[value.name][0]
    rows = (
        [{"named": {name: float(str(number)) for name, number in zip(names, first, strict=True)}}]
        if len(dims) == 2
        else []
    )
    request = {"rows": rows} if rows else {}
    return Plan("tabular", why, ("Predict",), section, comments, labels if classes else (), request=request)
