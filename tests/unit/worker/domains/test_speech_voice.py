# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Speech: where somebody speaks, and why a clip gets its label."""

from typing import Any

import numpy as np
import pytest
from argosy.common.v1.explanation_pb2 import (
    RENDERING_FORMAT_HTML,
    RENDERING_FORMAT_PNG,
    ExplanationOptions,
)
from argosy.speech.v1 import speech_pb2 as pb
from argosy_worker.domains.speech.explaining import explain
from argosy_worker.domains.speech.service import DOMAIN, detect_speech
from argosy_worker.domains.speech.voice import prepare_detector
from argosy_worker.repository.sections.speech import DetectSection

from tests.unit.worker.domains.fakes import FakeCall, fake_call, loaded, refusal

RATE = 16_000


def buzz(seconds: float, loudness: float = 0.3) -> Any:
    """Something like a vowel: a pulse train of 120 Hz, whose loudness rises and falls four times a second."""
    time = np.arange(round(seconds * RATE)) / RATE
    pulses = sum(np.cos(2 * np.pi * 120 * number * time) / number**0.7 for number in range(1, 40))
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * time)
    return (loudness * swell * pulses / np.abs(pulses).max()).astype(np.float32)


def noise(seconds: float, deviation: float) -> Any:
    return np.random.default_rng(4).normal(0, deviation, round(seconds * RATE)).astype(np.float32)


def silence(seconds: float) -> Any:
    return np.zeros(round(seconds * RATE), np.float32)


TWO_PARTS = np.concatenate([silence(1), buzz(1), silence(1.5), buzz(0.8), silence(0.7)])


@pytest.mark.parametrize("deviation", [0.0, 0.001, 0.01, 0.03], ids="noise {}".format)
@pytest.mark.parametrize("gain", [1.0, 0.05], ids=["loud", "soft"])
def test_speech_is_found_between_silences_and_in_noise(deviation: float, gain: float) -> None:
    waveform = gain * (TWO_PARTS + noise(5, deviation))
    found = prepare_detector(DetectSection(), RATE).segments(waveform)
    assert [(one.start_s, one.end_s) for one in found] == [
        (pytest.approx(1, abs=0.2), pytest.approx(2, abs=0.2)),
        (pytest.approx(3.5, abs=0.2), pytest.approx(4.3, abs=0.2)),
    ]
    assert all(one.confidence > 0.5 for one in found)


@pytest.mark.parametrize("waveform", [silence(3), noise(3, 0.3), noise(3, 0.01), silence(0.001)])
def test_silence_and_steady_noise_are_no_speech(waveform: Any) -> None:
    assert prepare_detector(DetectSection(), RATE).segments(waveform) == []


def test_short_gaps_are_closed_and_short_sounds_dropped() -> None:
    detector = prepare_detector(DetectSection(padding_ms=0.0), RATE)
    gap = np.concatenate([silence(1), buzz(0.5), silence(0.15), buzz(0.5), silence(1)])
    assert len(detector.segments(gap)) == 1
    click = np.concatenate([silence(1), buzz(0.02), silence(1)])
    assert detector.segments(click) == []


@pytest.mark.parametrize("rate", [1000, 8000, 384_000])
def test_every_sample_rate_has_a_detector(rate: int) -> None:
    waveform = np.random.default_rng(1).normal(0, 0.1, rate // 10).astype(np.float32)
    assert prepare_detector(DetectSection(), rate).segments(waveform) == []


def clip(waveform: Any) -> pb.Audio:
    data = waveform.astype("<f4").tobytes()
    return pb.Audio(pcm=pb.PcmAudio(data=data, sample_rate_hz=RATE, sample_format=pb.SAMPLE_FORMAT_FP32))


async def test_segments_are_answered_in_order_with_the_duration() -> None:
    section = {"input": "x", "sample_rate_hz": 8000}
    graph = loaded({"methods": ["DetectSpeech"], "speech": section}, {"x": (-1, -1)}, {"y": (-1, 2)})
    call = fake_call(DOMAIN, graph, {})
    response = await detect_speech(pb.DetectSpeechRequest(audio=clip(TWO_PARTS)), call)
    starts = [segment.start.ToMilliseconds() for segment in response.segments]
    assert starts == pytest.approx([1000, 3500], abs=150)
    assert response.duration.ToMilliseconds() == 5000
    assert not call.ran


def loudness_model(start: int, end: int) -> Any:
    """Says "yes" as far as the sound between two samples of the window is loud."""

    def run(inputs: Any) -> Any:
        loud = np.minimum(np.abs(inputs["x"][:, start:end]).mean(axis=1) * 4, 1)
        return {"y": np.stack([1 - loud, loud], axis=1).astype(np.float32)}

    return run


def explained(run: Any, **section: Any) -> FakeCall:
    speech = {
        "input": "x",
        "sample_rate_hz": RATE,
        "clip_seconds": 1.0,
        "normalize": "none",
        "classify": {"output": "y"},
    } | section
    graph = loaded({"methods": ["Explain"], "speech": speech}, {"x": (-1, RATE)}, {"y": (-1, 2)}, ["no", "yes"])
    return fake_call(DOMAIN, graph, run)


def request(waveform: Any, segments: int = 10, **options: Any) -> pb.ExplainRequest:
    return pb.ExplainRequest(audio=clip(waveform), segment_count=segments, options=ExplanationOptions(**options))


async def test_the_segment_with_the_planted_cause_is_found() -> None:
    call = explained(loudness_model(int(0.6 * RATE), int(0.7 * RATE)))
    response = await explain(request(noise(1, 0.3)), call)

    values = [segment.attribution for segment in response.segments]
    assert max(range(10), key=lambda place: values[place]) == 6
    assert sum(abs(value) for place, value in enumerate(values) if place != 6) < 0.01 * values[6]
    assert (response.segments[6].start.ToMilliseconds(), response.segments[6].end.ToMilliseconds()) == (600, 700)
    assert (response.summary.target, response.summary.method) == ("yes", "occlusion")
    assert response.summary.value > 0.9
    assert response.summary.base_value == pytest.approx(0)
    assert response.summary.fidelity > 0.7  # a random order gives 0
    assert not response.summary.HasField("rendering")


async def test_segments_of_a_long_clip_divide_the_window_that_the_model_hears() -> None:
    call = explained(loudness_model(0, RATE), hop_samples=1600)
    response = await explain(request(np.concatenate([silence(2), noise(1, 0.3), silence(1)]), 4), call)
    assert [segment.start.ToMilliseconds() for segment in response.segments] == [2000, 2250, 2500, 2750]


async def test_segments_of_a_short_clip_divide_what_was_sent() -> None:
    response = await explain(request(noise(0.4, 0.3), 4), explained(loudness_model(0, RATE)))
    assert response.segments[3].end.ToMilliseconds() == 400


async def test_a_log_mel_model_is_explained_in_its_frames() -> None:
    sizes = {"frame_samples": 400, "hop_samples": 160, "fft_size": 512, "mel_bins": 10}
    speech = {"input": "x", "sample_rate_hz": RATE, "clip_seconds": 1.0, "classify": {"output": "y"}}
    config = {"methods": ["Explain"], "speech": speech | sizes | {"features": "log_mel", "normalize": "none"}}
    graph = loaded(config, {"x": (-1, 98, 10)}, {"y": (-1, 2)}, ["no", "yes"])

    def run(inputs: Any) -> Any:
        loud = (inputs["x"][:, 40:50].mean(axis=(1, 2)) > -10).astype(np.float32)
        return {"y": np.stack([1 - loud, loud], axis=1)}

    response = await explain(request(noise(1, 0.3), 5), fake_call(DOMAIN, graph, run))
    assert [segment.attribution for segment in response.segments] == pytest.approx([0, 0, 1, 0, 0], abs=1)
    assert max(range(5), key=lambda place: response.segments[place].attribution) == 2


async def test_a_picture_is_drawn_where_it_is_asked_for() -> None:
    call = explained(loudness_model(0, 4000))
    response = await explain(request(noise(1, 0.3), rendering=RENDERING_FORMAT_PNG, target="no"), call)
    assert response.summary.rendering.media_type == "image/png"
    assert response.summary.rendering.data.startswith(b"\x89PNG")
    assert response.summary.target == "no"


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "one segment": ({"segments": 1}, "SEGMENTS_OUT_OF_RANGE"),
    "negative segments": ({"segments": -5}, "SEGMENTS_OUT_OF_RANGE"),
    "257 segments": ({"segments": 257}, "SEGMENTS_OUT_OF_RANGE"),
    "unknown label": ({"target": "nope" * 1000}, "TARGET_UNKNOWN"),
    "unknown method": ({"method": "shapley"}, "EXPLANATION_METHOD_UNKNOWN"),
    "HTML": ({"rendering": RENDERING_FORMAT_HTML}, "RENDERING_UNSUPPORTED"),
    "too few evaluations": ({"max_evaluations": 3}, "EXPLANATION_TOO_COSTLY"),
    "too many evaluations": ({"max_evaluations": 10**9}, "EVALUATIONS_OUT_OF_RANGE"),
}


@pytest.mark.parametrize("name", BAD)
async def test_explanations_that_cannot_be_given_are_refused(name: str) -> None:
    fields, reason = BAD[name]
    call = explained(loudness_model(0, 4000))
    assert (await refusal(explain(request(noise(1, 0.3), **fields), call))).reason == reason


async def test_an_explanation_of_more_segments_than_samples_is_refused() -> None:
    call = explained(loudness_model(0, 4000))
    assert (await refusal(explain(request(np.full(3, 0.1)), call))).reason == "SEGMENTS_OUT_OF_RANGE"


async def test_an_explanation_that_would_take_too_long_is_refused_with_the_estimate() -> None:
    call = explained(loudness_model(0, 4000))
    call.items_per_s = 1.0
    error = await refusal(explain(request(noise(1, 0.3)), call))
    assert error.reason == "EXPLANATION_TOO_COSTLY"
    assert float(error.metadata["seconds"]) > 10
