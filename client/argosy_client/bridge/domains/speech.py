# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Recorded speech."""

import base64
import struct
from typing import Any

from argosy_client.bridge.domains import ctc
from argosy_client.bridge.parts import Finder, Part, by_tensors, put_together
from argosy_client.bridge.plan import Facts, Plan

METHODS = ("Classify", "Recognize", "StreamingRecognize", "DetectSpeech", "Explain")

_NAMES = ("audio", "waveform", "wave", "input_values", "speech", "samples", "pcm")
_SPECTRA = ("mel", "fbank", "spectr")
#: Numbers of mel bands that models of speech usually have.
_BANDS = (40, 64, 80, 128)
#: A row of so many numbers is taken for sound rather than for features.
_LEAST_SAMPLES = 4000
#: Rate that most models of speech are trained at, in Hz; frames and steps between them, in samples.
_RATE_HZ, _FRAME, _HOP = 16000, 400, 160
_FFT = 512


def fits(facts: Facts) -> str:
    """Why a graph looks like one of sound; empty where it does not."""
    value = ctc.sound_of(facts)
    dims = facts.dims(value) if value is not None else ()
    if value is None or not value.datatype.startswith("FP"):
        return ""
    shown = f"its input '{value.name}' [{', '.join(map(str, dims))}]"
    others = [one for one in facts.graph.inputs if one is not value and not one.named("mask")]
    if others and ctc.states_of(facts) is None:
        return ""
    if len(dims) == 2:
        named = value.named(*_NAMES)
        long = isinstance(dims[1], int) and dims[1] >= _LEAST_SAMPLES
        return f"{shown} looks like sound" if named or (long and not others) else ""
    bands = dims[-1] in _BANDS and value.named("feature") and not facts.companions.features
    bands = bands or bool(facts.companions.alphabet)
    return f"{shown} looks like spectra of sound" if len(dims) == 3 and (value.named(*_SPECTRA) or bands) else ""


def plan(facts: Facts, why: str) -> Plan:
    """A plan; by tensors alone where the graph does not take sound, or fixes no number of bands.

    Raises:
        ValueError: a method was asked for that the graph does not allow.
    """
    value = ctc.sound_of(facts)
    dims = facts.dims(value) if value is not None else ()
    waveform = len(dims) == 2
    if value is None or not (waveform or (len(dims) == 3 and isinstance(dims[2], int))):
        missing = "typed calls need an input of sound, [batch, samples] or log-mel features [batch, frames, bands]"
        return by_tensors("speech", why, missing, facts)
    said = facts.companions.preprocessing
    section: dict[str, Any] = {"input": value.name, "sample_rate_hz": _rate(facts) or _RATE_HZ}
    section["features"] = "waveform" if waveform else "log_mel"
    if not waveform:
        section |= {"frame_samples": _FRAME, "hop_samples": _HOP, "fft_size": _FFT, "mel_bins": dims[2]}
    section["normalize"] = "per_clip" if said.get("do_normalize") else "none"
    comments = {
        "speech.sample_rate_hz": "from preprocessor_config.json"
        if _rate(facts)
        else "GUESSED: clips are resampled to it; as in training",
        "speech.frame_samples": "GUESSED, as hop_samples, fft_size, mel_low_hz, mel_high_hz and log_floor: as in "
        "training",
        "speech.normalize": "GUESSED: as they are; per_clip shifts and scales each clip, as for wav2vec2",
    }
    request = {"audio": {"encoded": base64.b64encode(wav(80, 8000)).decode()}}
    shared = Plan("speech", why, section=section, comments=comments, request=request)
    return put_together(shared, facts, (*ctc.FINDERS, *_FINDERS))


def _classes(facts: Facts) -> Part | str | None:
    """A row of scores for each clip."""
    value, output = ctc.sound_of(facts), facts.scores()
    if value is None or output is None or len(facts.graph.inputs) != 1:
        return None
    dims = facts.dims(value)
    length, labels, width = dims[1], facts.labels(output), facts.width(output)
    seconds = 1.0
    if isinstance(length, int):
        rate = _rate(facts) or _RATE_HZ
        seconds = length / rate if len(dims) == 2 else _seconds(length, rate)
    section = {"clip_seconds": seconds, "classify": {"output": output.name, "activation": facts.activation(output)}}
    what = "samples" if len(dims) == 2 else "frames"
    comments = {"speech.clip_seconds": f"the graph takes {length} {what}" if isinstance(length, int) else "GUESSED"}
    why = f"output '{output.name}' has {width} number{'s' * (width > 1)} for each clip"
    notes = () if labels else (f"the {width} classes have no names: put them into labels.txt, one a line",)
    return Part(("Classify", "Explain"), why, (output.name,), section, comments, labels, notes=notes)


def _rate(facts: Facts) -> int:
    """Samples a second, in Hz, as preprocessor_config.json says; 0 where it says none."""
    said = facts.companions.preprocessing.get("sampling_rate")
    return max(said, 0) if isinstance(said, int) else 0


def _seconds(frames: int, rate: int) -> float:
    """The roundest length of a clip that has so many frames at a rate in Hz."""
    least = _FRAME + (frames - 1) * _HOP
    for unit in (rate, rate // 2, rate // 10, rate // 100):
        found = -(-least // max(unit, 1)) * unit
        if least <= found < least + _HOP:
            return found / rate
    return least / rate


_FINDERS = (Finder(("Classify", "Explain"), "an output [batch, classes] of a single input", _classes),)


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
