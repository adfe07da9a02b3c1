# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Recorded speech."""

import base64
import struct

from argosy_client.bridge.plan import Facts, Plan

_NAMES = ("audio", "waveform", "wave", "input_values", "speech", "samples", "pcm")
#: A row of so many numbers is taken for sound rather than for features.
_LEAST_SAMPLES = 4000
#: Rate that most models of speech are trained at, in Hz.
_RATE_HZ = 16000


def fits(facts: Facts) -> str:
    """Why a graph looks like one of sound; empty where it does not."""
    if len(facts.graph.inputs) != 1:
        return ""
    value = facts.graph.inputs[0]
    dims = facts.dims(value)
    if len(dims) != 2 or not value.datatype.startswith("FP"):
        return ""
    named = any(name in value.name.lower() for name in _NAMES)
    long = isinstance(dims[1], int) and dims[1] >= _LEAST_SAMPLES
    return f"its one input '{value.name}' [{', '.join(map(str, dims))}] looks like sound" if named or long else ""


def plan(facts: Facts, why: str) -> Plan:
    """A plan for Classify of waveforms; by tensors alone for other graphs."""
    output = facts.scores()
    if not fits(facts) or output is None:
        missing = (
            "Classify takes one input of sound and reads one output [batch, classes]; for spectra see speech.features"
        )
        return Plan("speech", why, missing=missing)
    value = facts.graph.inputs[0]
    length = facts.dims(value)[1]
    section = {
        "input": value.name,
        "sample_rate_hz": _RATE_HZ,
        "clip_seconds": length / _RATE_HZ if isinstance(length, int) else 1.0,
        "features": "waveform",
        "normalize": "none",
        "classify": {"output": output.name, "activation": facts.activation(output)},
    }
    comments = {
        "speech.sample_rate_hz": "GUESSED: clips are resampled to it; as in training",
        "speech.clip_seconds": f"the graph takes {length} samples" if isinstance(length, int) else "GUESSED",
        "speech.normalize": "GUESSED: samples stay in -1..1; per_clip for models of the kind of wav2vec2",
    }
    request = {"audio": {"encoded": base64.b64encode(wav(80, 8000)).decode()}}
    return Plan("speech", why, ("Classify",), section, comments, facts.labels(output), request=request)


def wav(samples: int, rate_hz: int) -> bytes:
    """A short clip of a saw-tooth, 16 bits, one channel, as WAV."""
    data = struct.pack(f"<{samples}h", *(1000 * (index % 16) for index in range(samples)))
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + len(data),
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        rate_hz,
        2 * rate_hz,
        2,
        16,
        b"data",
        len(data),
    )
    return header + data
