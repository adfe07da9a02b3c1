# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Speech: clips to the model's window and features."""

import io
import math
import struct
from typing import Any

import numpy as np
import pytest
import soundfile
from argosy.speech.v1 import speech_pb2 as pb
from argosy_worker.domains.speech.features import fit_window
from argosy_worker.domains.speech.service import DOMAIN, classify
from argosy_worker.lifecycle.domain import LoadedGraph

from tests.unit.worker.domains.fakes import FakeCall, assert_invalid, fake_call, loaded, refusal, same_for_each

RATE = 8000
LOG_MEL = {
    "features": "log_mel",
    "frame_samples": 200,
    "hop_samples": 80,
    "fft_size": 256,
    "mel_bins": 10,
    "mel_low_hz": 50.0,
}


def graph(shape: tuple[int, ...] = (-1, -1), **section: Any) -> LoadedGraph:
    speech = {"input": "x", "sample_rate_hz": RATE, "clip_seconds": 0.1, "classify": {"output": "y"}} | section
    return loaded({"methods": ["Classify"], "speech": speech}, {"x": shape}, {"y": (-1, 2)}, ["no", "yes"])


def fake(shape: tuple[int, ...] = (-1, -1), **section: Any) -> FakeCall:
    return fake_call(DOMAIN, graph(shape, **section), same_for_each([0.25, 0.75], "y"))


def tone(seconds: float, rate: int = RATE, hz: float = 440.0, loudness: float = 0.5) -> Any:
    return (loudness * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def encoded(samples: Any, rate: int = RATE, **options: Any) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, **({"format": "WAV"} | options))
    return file.getvalue()


def file_request(data: bytes) -> pb.ClassifyRequest:
    return pb.ClassifyRequest(audio=pb.Audio(encoded=data))


def pcm_request(data: bytes, rate: int = RATE, channels: int = 1, sample_format: int = 0) -> pb.ClassifyRequest:
    pcm = pb.PcmAudio(data=data, sample_rate_hz=rate, channels=channels)
    pcm.sample_format = sample_format  # type: ignore[assignment]
    return pb.ClassifyRequest(audio=pb.Audio(pcm=pcm))


def loop_features(waveform: Any, section: Any, rate: int) -> Any:
    """Log-mel features by the book, one frame, band and frequency at a time."""

    def mel(hz: float) -> float:
        return 2595 * math.log10(1 + hz / 700)

    def hertz(value: float) -> float:
        return 700 * (10 ** (value / 2595) - 1)

    length, hop, size, bins = (section[key] for key in ("frame_samples", "hop_samples", "fft_size", "mel_bins"))
    low, high = mel(section["mel_low_hz"]), mel(rate / 2)
    edges = [hertz(low + (high - low) * index / (bins + 1)) for index in range(bins + 2)]
    rows = []
    for start in range(0, len(waveform) - length + 1, hop):
        frame = [float(waveform[start + n]) * (0.5 - 0.5 * math.cos(2 * math.pi * n / length)) for n in range(length)]
        power = [abs(value) ** 2 for value in np.fft.fft(frame, size)[: size // 2 + 1]]
        row = []
        for left, middle, right in zip(edges, edges[1:], edges[2:], strict=False):
            total = 0.0
            for k, value in enumerate(power):
                hz = k * rate / size
                total += value * max(0.0, min((hz - left) / (middle - left), (right - hz) / (right - middle)))
            row.append(math.log(total + 1e-6))
        rows.append(row)
    features = np.array(rows)
    return (features - features.mean()) / (features.std() + 1e-5)


async def test_log_mel_features_equal_a_plain_computation() -> None:
    call = fake((-1, 8, 10), **LOG_MEL)
    samples = tone(0.1) + np.random.default_rng(3).normal(0, 0.01, 800).astype(np.float32)

    await classify(pcm_request(samples.astype("<f4").tobytes(), sample_format=pb.SAMPLE_FORMAT_FP32), call)

    assert call.only_input.dtype == np.float32
    np.testing.assert_allclose(call.only_input[0], loop_features(samples, LOG_MEL, RATE), atol=1e-5)


async def test_a_waveform_is_normalised_over_the_clip() -> None:
    call = fake((-1, 800))
    await classify(file_request(encoded(tone(0.1) * 0.3 + 0.2)), call)
    assert call.only_input.mean() == pytest.approx(0, abs=1e-5)
    assert call.only_input.std() == pytest.approx(1, abs=1e-3)


async def test_silence_is_answered_with_finite_features() -> None:
    for section in ({}, LOG_MEL):
        call = fake((-1,) * (3 if section else 2), **section)
        await classify(file_request(encoded(np.zeros(800, np.float32))), call)
        assert np.isfinite(call.only_input).all()


async def test_a_short_clip_is_padded_with_silence_at_its_end() -> None:
    call = fake(normalize="none")

    response = await classify(pcm_request(np.array([16384, -32768], "<i2").tobytes()), call)

    assert call.only_input.shape == (1, 800)
    assert call.only_input[0, :3].tolist() == [0.5, -1, 0]
    assert not call.only_input[0, 2:].any()
    assert response.duration.ToNanoseconds() == 250_000
    assert [label.label for label in response.labels] == ["yes", "no"]


async def test_a_long_clip_is_cut_to_its_loudest_window() -> None:
    call = fake(normalize="none", hop_samples=100)
    clip = np.concatenate([tone(0.5, loudness=0.01), tone(0.1, loudness=0.9), tone(0.2, loudness=0.01)])

    response = await classify(file_request(encoded(clip)), call)

    np.testing.assert_allclose(call.only_input[0], clip[4000:4800], atol=1e-4)
    assert response.duration.ToMilliseconds() == 800


def test_the_first_of_equally_loud_windows_is_taken_in_steps_of_the_hop() -> None:
    waveform = np.zeros(1000, np.float32)
    waveform[[350, 950]] = 1
    waveform[0] = 0.5
    assert fit_window(waveform, 100, 40).tolist() == waveform[280:380].tolist()
    assert fit_window(waveform[:100], 100, 40).tolist() == waveform[:100].tolist()


@pytest.mark.parametrize(
    "options",
    [
        {"format": "WAV", "subtype": "PCM_16"},
        {"format": "WAV", "subtype": "PCM_24"},
        {"format": "WAV", "subtype": "FLOAT"},
        {"format": "WAVEX", "subtype": "PCM_16"},
        {"format": "FLAC"},
        {"format": "OGG", "subtype": "VORBIS"},
        {"format": "OGG", "subtype": "OPUS"},
    ],
)
async def test_encoded_clips_are_decoded(options: dict[str, Any]) -> None:
    call = fake(normalize="none")
    clip = tone(0.1)
    response = await classify(file_request(encoded(clip, **options)), call)
    assert np.abs(call.only_input[0]).max() == pytest.approx(0.5, abs=0.1)
    assert response.duration.ToMilliseconds() == pytest.approx(100, abs=1)


async def test_stereo_at_96_khz_is_mixed_and_resampled() -> None:
    call = fake(normalize="none")
    left, right = tone(0.1, 96_000, 300), np.zeros(9600, np.float32)

    response = await classify(file_request(encoded(np.stack([left, right], axis=1), 96_000)), call)

    assert call.only_input.shape == (1, 800)
    np.testing.assert_allclose(call.only_input[0, 100:-100], tone(0.1, RATE, 300)[100:-100] / 2, atol=5e-3)
    assert response.duration.ToMilliseconds() == 100


async def test_pcm_channels_are_interleaved() -> None:
    call = fake(normalize="none")
    frames = np.array([[0.5, 0.25], [-0.5, 0.0]], "<f4")
    request = pcm_request(frames.tobytes(), channels=2, sample_format=pb.SAMPLE_FORMAT_FP32)
    await classify(request, call)
    assert call.only_input[0, :2].tolist() == [0.375, -0.25]


async def test_a_single_sample_at_a_high_rate_is_answered() -> None:
    call = fake()
    await classify(pcm_request(b"\x01\x00", rate=384_000), call)
    assert np.isfinite(call.only_input).all()


def wav_with(offset: int, pack: str, value: int) -> bytes:
    data = bytearray(encoded(tone(0.1)))
    struct.pack_into(pack, data, offset, value)
    return bytes(data)


async def test_a_wav_header_that_claims_more_than_there_is_yields_what_there_is() -> None:
    for claimed in (2**31, 2**32 - 1):
        response = await classify(file_request(wav_with(40, "<I", claimed)), fake())
        assert response.duration.ToMilliseconds() == 100


def flac_claiming(frames: int) -> bytes:
    data = bytearray(encoded(tone(0.1), format="FLAC"))
    data[21] = data[21] & 0xF0 | frames >> 32
    struct.pack_into(">I", data, 22, frames & 0xFFFFFFFF)
    return bytes(data)


def float_pcm(*values: float) -> pb.ClassifyRequest:
    return pcm_request(np.array(values, "<f4").tobytes(), sample_format=pb.SAMPLE_FORMAT_FP32)


BAD = {
    "no source": (pb.ClassifyRequest(), "AUDIO_MISSING"),
    "no bytes": (file_request(b""), "AUDIO_EMPTY"),
    "text": (file_request(b"hello, this is not audio at all"), "AUDIO_FORMAT_UNSUPPORTED"),
    "mp3": (file_request(encoded(tone(0.1), format="MP3")), "AUDIO_FORMAT_UNSUPPORTED"),
    "webp": (file_request(b"RIFF\x10\0\0\0WEBPVP8 aaaaaaaaaaaa"), "AUDIO_CORRUPT"),
    "header alone": (file_request(encoded(tone(0.1))[:20]), "AUDIO_CORRUPT"),
    "no samples": (file_request(encoded(np.zeros(0))), "AUDIO_EMPTY"),
    "cut flac": (file_request(encoded(tone(0.1), format="FLAC")[:-10]), "AUDIO_CORRUPT"),
    "cut ogg": (file_request(encoded(tone(0.1), format="OGG")[:-10]), "AUDIO_CORRUPT"),
    "huge flac": (file_request(flac_claiming(2**36 - 1)), "AUDIO_TOO_LONG"),
    "flac of unknown length": (file_request(flac_claiming(0)), "AUDIO_LENGTH_UNKNOWN"),
    "rate 0": (file_request(wav_with(24, "<I", 0)), "AUDIO_CORRUPT"),
    "rate 1": (file_request(wav_with(24, "<I", 1)), "SAMPLE_RATE_UNSUPPORTED"),
    "rate 2 GHz": (file_request(wav_with(24, "<I", 2_000_000_000)), "SAMPLE_RATE_UNSUPPORTED"),
    "65,535 channels": (file_request(wav_with(22, "<H", 65_535)), "AUDIO_CORRUPT"),
    "10 minutes": (file_request(encoded(np.zeros(600 * RATE, np.int16), format="FLAC")), "AUDIO_TOO_LONG"),
    "10 minutes of pcm": (pcm_request(bytes(2 * 600 * 1000), rate=1000), "AUDIO_TOO_LONG"),
    "nan": (float_pcm(0, float("nan")), "VALUE_NOT_FINITE"),
    "infinite": (float_pcm(0, float("-inf")), "VALUE_NOT_FINITE"),
    "huge values": (float_pcm(3e38, 0), "VALUE_OUT_OF_RANGE"),
    "nan in wav": (file_request(encoded(np.array([0, np.nan], np.float32), subtype="FLOAT")), "VALUE_NOT_FINITE"),
    "empty pcm": (pcm_request(b""), "AUDIO_EMPTY"),
    "half a sample": (pcm_request(b"abc"), "PCM_MISMATCH"),
    "half a frame": (pcm_request(bytes(6), channels=2), "PCM_MISMATCH"),
    "pcm rate 0": (pcm_request(bytes(4), rate=0), "SAMPLE_RATE_UNSUPPORTED"),
    "pcm rate negative": (pcm_request(bytes(4), rate=-8000), "SAMPLE_RATE_UNSUPPORTED"),
    "pcm rate huge": (pcm_request(bytes(4), rate=384_001), "SAMPLE_RATE_UNSUPPORTED"),
    "17 channels": (pcm_request(bytes(34), channels=17), "CHANNELS_UNSUPPORTED"),
    "negative channels": (pcm_request(bytes(4), channels=-1), "CHANNELS_UNSUPPORTED"),
    "unknown sample format": (pcm_request(bytes(4), sample_format=9), "SAMPLE_FORMAT_UNKNOWN"),
    "negative top_k": (pb.ClassifyRequest(top_k=-1), "TOP_K_NEGATIVE"),
}


@pytest.mark.parametrize("name", BAD)
async def test_bad_audio_is_refused(name: str) -> None:
    request, reason = BAD[name]
    call = fake()

    error = await refusal(classify(request, call))

    assert error.reason == reason
    assert not call.ran


async def test_infinities_that_cancel_when_mixed_are_refused() -> None:
    frames = np.array([[np.inf, -np.inf]], "<f4")
    request = pcm_request(frames.tobytes(), channels=2, sample_format=pb.SAMPLE_FORMAT_FP32)
    assert (await refusal(classify(request, fake()))).reason == "VALUE_NOT_FINITE"


async def test_the_duration_limit_is_the_models() -> None:
    request = file_request(encoded(tone(1.5)))
    assert (await refusal(classify(request, fake(max_seconds=1.0)))).reason == "AUDIO_TOO_LONG"
    await classify(request, fake(max_seconds=1.5))


async def test_compressed_audio_weighs_more_than_its_bytes() -> None:
    flac, wav = encoded(tone(0.1), format="FLAC"), encoded(tone(0.1))
    for data in (flac, wav):
        call = fake()
        await classify(file_request(data), call)
        assert (call.payloads[0] > len(data)) == (data is flac)


@pytest.mark.parametrize(
    ("shape", "section", "part"),
    [
        ((-1, 900), {}, "speech.input"),
        ((-1, 8, 10), {}, "speech.input"),
        ((-1, 9, 10), LOG_MEL, "speech.input"),
        ((-1, -1), {"classify": None}, "speech.classify: must be set for the method Classify"),
        ((-1, -1), {"classify": {"output": "z"}}, "speech.classify.output"),
        ((-1, -1, -1), LOG_MEL | {"fft_size": 100}, "speech.fft_size"),
        ((-1, -1, -1), LOG_MEL | {"frame_samples": 900, "fft_size": 1024}, "speech.frame_samples"),
        ((-1, -1, -1), LOG_MEL | {"mel_high_hz": 4001.0}, "speech.mel_high_hz"),
        ((-1, -1, -1), LOG_MEL | {"mel_high_hz": 50.0}, "speech.mel_high_hz"),
    ],
)
def test_a_model_that_does_not_fit_its_graph_is_refused(
    shape: tuple[int, ...], section: dict[str, Any], part: str
) -> None:
    assert_invalid(DOMAIN, graph(shape, **section), part)
