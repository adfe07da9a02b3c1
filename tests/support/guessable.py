# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Graphs of a few nodes that look like one of a domain: nodes, inputs, outputs and constants."""

from collections.abc import Callable
from typing import Any

from argosy_client.bridge.plan import Plan
from argosy_client.bridge.preparing import Prepared
from onnx import helper

from tests.support.awkward import FLOAT, LONG, Dims, integers, value, weights

#: Prepares a graph with files beside it.
Make = Callable[..., Prepared]
Graph = tuple[list[Any], list[Any], list[Any], list[Any]]
TOKENIZER = {"model": {"type": "WordLevel", "vocab": {"[UNK]": 0, "good": 1}, "unk_token": "[UNK]"}}
VOCABULARY = {"<pad>": 0, "|": 1, "A": 2, "B": 3, "C": 4}


IMAGE = ["batch", 3, 32, 32]


def plan_of(prepared: Prepared) -> Plan:
    """The plan of a graph that is not refused."""
    assert prepared.plan is not None, prepared.diagnosis.findings
    return prepared.plan


def from_texts(width: int, last: str = "", name: str = "logits") -> Graph:
    """Token ids to a row of numbers; ``last`` is an operator after that."""
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["vectors"]),
        helper.make_node("ReduceMean", ["vectors"], ["mean"], axes=[1], keepdims=0),
        helper.make_node("MatMul", ["mean", "w"], ["raw"]),
        helper.make_node(last or "Identity", ["raw"], [name]),
    ]
    inputs = [value("input_ids", LONG, ["batch", "tokens"])]
    return nodes, inputs, [value(name, FLOAT, ["batch", width])], [weights("table", 20, 8), weights("w", 8, width)]


def from_input(dims: Dims, *outputs: tuple[str, Dims], name: str = "image", kind: int = FLOAT) -> Graph:
    """An input to constants of these shapes, repeated for each item, to which a number of the item is added."""
    nodes = [
        helper.make_node("Cast", [name], ["float"], to=FLOAT),
        helper.make_node("Flatten", ["float"], ["flat"], axis=1),
        helper.make_node("ReduceMean", ["flat"], ["one"], axes=[1], keepdims=0),
    ]
    constants = []
    for output, shape in outputs:
        rank = len(shape)
        constants += [
            weights(f"{output}_w", *(int(one) for one in shape[1:])),
            integers(f"{output}_s", -1, *[1] * (rank - 1)),
        ]
        nodes += [
            helper.make_node("Reshape", ["one", f"{output}_s"], [f"{output}_one"]),
            helper.make_node("Abs", [f"{output}_w"], [f"{output}_abs"]),
            helper.make_node("Add", [f"{output}_abs", f"{output}_one"], [f"{output}_sum"]),
            helper.make_node("Abs", [f"{output}_sum"], [output]),
        ]
    return nodes, [value(name, kind, dims)], [value(output, FLOAT, shape) for output, shape in outputs], constants


def tagged(width: int) -> Graph:
    """Token ids to a row of numbers for each token."""
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["vectors"]),
        helper.make_node("MatMul", ["vectors", "w"], ["logits"]),
    ]
    outputs = [value("logits", FLOAT, ["batch", "tokens", width])]
    constants = [weights("table", 20, 8), weights("w", 8, width)]
    return nodes, [value("input_ids", LONG, ["batch", "tokens"])], outputs, constants


def heard(softmax: bool = False, state: int | None = None) -> Graph:
    """A waveform to five numbers for each 320 samples, as wav2vec2 has them; ``state`` is the type of a state."""
    nodes = [
        helper.make_node("Unsqueeze", ["input_values", "axis"], ["channel"]),
        helper.make_node("Conv", ["channel", "kernel"], ["seen"], strides=[320]),
        helper.make_node("Transpose", ["seen"], ["steps"], perm=[0, 2, 1]),
        helper.make_node("Softmax" if softmax else "Identity", ["steps"], ["logits"]),
    ]
    outputs = [value("logits", FLOAT, ["batch", "steps", 5])]
    inputs = [value("input_values", FLOAT, ["batch", "samples"])]
    if state is not None:
        nodes.append(helper.make_node("Identity", ["state"], ["state_after"]))
        inputs.append(value("state", state, ["batch", 3]))
        outputs.append(value("state_after", state, ["batch", 3]))
    return nodes, inputs, outputs, [integers("axis", 1), weights("kernel", 5, 1, 400)]
