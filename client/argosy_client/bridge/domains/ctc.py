# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Models that write words while they hear: the contract of docs/speech.md, as far as a graph tells it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_client.bridge.graph import Value
from argosy_client.bridge.parts import Finder, Part
from argosy_client.bridge.plan import Facts
from argosy_client.bridge.refused import Refused
from argosy_client.domains.tensors import DTYPES, TEXTS

#: How exporters call the blank, and what stands between words.
_BLANKS = ("<pad>", "[PAD]", "<blank>", "<blk>", "<b>", "[blank]", "<eps>", "<epsilon>")
_DELIMITERS = ("|", " ", "▁", "<space>")
#: Lengths on which a graph is run to learn how much of its input makes a step: samples, and frames.
_LENGTHS = {2: (16_000, 48_000), 3: (240, 720)}
#: Steps of one run of a model with states.
_STEPS = 8
#: Transcripts that are kept where the words are known.
_BEAM = 8


def sound_of(facts: Facts) -> Value | None:
    """The input of sound: that of the longest items; None without one."""
    floats = [one for one in facts.graph.inputs if one.datatype.startswith("FP") and len(facts.dims(one)) in (2, 3)]
    variable = [one for one in floats if isinstance(facts.dims(one)[1], str) and not one.named("mask")]
    return max(variable or floats, key=lambda one: facts.inputs[one.name][0].size, default=None)


def states_of(facts: Facts) -> list[dict[str, str]] | None:
    """Inputs that a run takes from an output of the run before it, with these; None where one has no such output."""
    sound = sound_of(facts)
    free = list(facts.graph.outputs)
    states = []
    for value in facts.graph.inputs:
        if value is sound or value.named("mask"):
            continue
        dims = facts.dims(value)[1:]
        fitting = [one for one in free if facts.given(one).shape[1:] == dims]
        named = [one for one in fitting if value.name in one.name or one.name in value.name]
        if not fitting:
            return None
        free.remove((named or fitting)[0])
        states.append({"input": value.name, "output": (named or fitting)[0].name})
    return states


def _tokens(facts: Facts) -> Part | str | None:
    sound, states = sound_of(facts), states_of(facts)
    if sound is None or states is None:
        return None
    texts = next((one for one in facts.graph.inputs if one.datatype == TEXTS), None)
    if texts is not None:
        return f"its input '{texts.name}' takes texts; beside the sound, states of numbers and a mask can be filled"
    read = {one["output"] for one in states}
    output = next((one for one in facts.free(3) if one.name not in read), None)
    if output is None:
        return None
    scores, alphabet, file = facts.given(output), facts.companions.alphabet, facts.companions.alphabet_file
    shown = f"output '{output.name}' has {scores.shape[2]} numbers for each step"
    if file is None or len(alphabet) != scores.shape[2]:
        known = f" ({file.name} has {len(alphabet)})" if file is not None else ""
        return (
            f"{shown}: put its tokens beside the graph{known}, as vocab.json of Hugging Face or as alphabet.txt, one "
            "a line in the graph's order, the CTC blank and what stands between words among them"
        )
    if not scores.size:
        return facts.nothing(output)
    if _sums(scores) and scores.min() >= 0:
        return f"{shown}, which are probabilities; logits or their logarithms are read: leave the softmax out"
    stride = _stride(facts, sound, output)
    if stride is None:
        return f"{shown}; the graph has to take audio of any length, and to give more steps for more of it"
    section, comments = _section(facts, output, stride, states)
    methods = ("Recognize", "StreamingRecognize", "DetectSpeech") if states else ("Recognize", "DetectSpeech")
    why = f"{shown}, as many as {file.name} has tokens"
    if states:
        why += f"; {len(states)} states go from one run to the next"
    assets = {file.name: file}
    words = facts.companions.file("words.txt")
    if words is not None:
        assets["words.txt"] = words
        section |= {"vocabulary_file": "words.txt", "beam_width": _BEAM}
        comments["speech.recognize.vocabulary_file"] = "the only words that are written; leave it out for any"
    outputs = (output.name, *(one["output"] for one in states))
    return Part(methods, why, outputs, {"recognize": section}, comments, assets=assets)


def _section(
    facts: Facts, output: Value, stride: int, states: Sequence[dict[str, str]]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The section of model.yaml, with its comments."""
    alphabet, file, key = facts.companions.alphabet, facts.companions.alphabet_file, "speech.recognize"
    scores = facts.given(output)
    blank = next((alphabet.index(token) for token in _BLANKS if token in alphabet), 0)
    section: dict[str, Any] = {
        "output": output.name,
        "scores": "log_probabilities" if _sums(np.exp(scores)) else "logits",
        "alphabet_file": file.name if file is not None else "",
        "blank": blank,
        "word_delimiter": next((token for token in _DELIMITERS if token in alphabet), ""),
        "stride": stride,
    }
    mask = next((one.name for one in facts.graph.inputs if one.named("mask")), None)
    section |= {"attention_mask": mask} if mask else {}
    comments = {
        f"{key}.blank": f"GUESSED by its name: {alphabet[blank]!r}; the last one for models of NeMo",
        f"{key}.word_delimiter": "what stands between words; empty where each token is a word",
        f"{key}.stride": "measured: so much of the input makes one step",
    }
    if states:
        section |= {"states": list(states), "chunk": _STEPS * stride}
        comments[f"{key}.states"] = "paired by names and shapes; zeros at the begin"
        comments[f"{key}.chunk"] = (
            "GUESSED: a run for each so many frames; more are cheaper and later. Where the model answers late, set "
            "tail_ms and delay_ms as well"
        )
    return section, comments


def _sums(values: NDArray[Any]) -> bool:
    return bool(np.allclose(values.sum(axis=2), 1, atol=1e-3))


def _stride(facts: Facts, sound: Value, output: Value) -> int | None:
    """How much of the input makes a step, by runs on a short and a long one; None where it takes no such lengths."""
    steps = []
    lengths = _LENGTHS[len(facts.dims(sound))]
    for length in lengths:
        inputs = {one.name: _filled(facts, one, length) for one in facts.graph.inputs}
        try:
            steps.append(facts.run(inputs)[output.name].shape[1])
        except Refused:
            return None
    more = steps[1] - steps[0]
    return round((lengths[1] - lengths[0]) / more) if more > 0 else None


def _filled(facts: Facts, value: Value, length: int) -> NDArray[Any]:
    """One item of so many samples or frames; zeros, but ones for a mask."""
    shape = [dim if isinstance(dim, int) else length for dim in facts.dims(value)[1:]]
    return np.full((1, *shape), value.named("mask"), DTYPES[value.datatype])


FINDERS = (
    Finder(
        ("Recognize", "StreamingRecognize", "DetectSpeech"),
        "an output [batch, steps, tokens] with its tokens in vocab.json or alphabet.txt (and states, for streams)",
        _tokens,
    ),
)
