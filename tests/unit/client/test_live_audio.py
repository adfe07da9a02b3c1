# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Audio in pieces, and streams that cannot be sent."""

import io
import time
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argosy.speech.v1 import speech_pb2
from argosy_client import Argosy
from argosy_client.domains import speech_calls
from argosy_client.live_audio import paced, raw_pipe, wav_file


def write_wav(path: Path, seconds: float, *, rate: int = 8000, channels: int = 2, width: int = 2) -> bytes:
    data = np.random.default_rng(1).bytes(round(seconds * rate) * channels * width)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(data)
    return data


def test_a_wav_file_is_read_in_pieces_of_a_tenth_of_a_second(tmp_path: Path) -> None:
    data = write_wav(tmp_path / "x.wav", 0.25)
    audio = wav_file(tmp_path / "x.wav")
    pieces = list(audio.pieces)
    assert (audio.rate_hz, audio.channels) == (8000, 2)
    assert [len(piece) for piece in pieces] == [3200, 3200, 1600]
    assert b"".join(pieces) == data


def test_what_is_no_wav_file_of_16_bits_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("hello")
    with pytest.raises(ValueError, match="no WAV file"):
        wav_file(tmp_path / "x.txt")
    write_wav(tmp_path / "x.wav", 0.1, width=3)
    with pytest.raises(ValueError, match="24 bits"):
        wav_file(tmp_path / "x.wav")
    with pytest.raises(FileNotFoundError):
        wav_file(tmp_path / "absent.wav")


def test_a_pipe_is_read_as_it_comes() -> None:
    audio = raw_pipe(io.BytesIO(bytes(5000)), 16_000, 1)
    assert [len(piece) for piece in audio.pieces] == [3200, 1800]


def test_a_paced_file_takes_as_long_as_it_was_spoken(tmp_path: Path) -> None:
    write_wav(tmp_path / "x.wav", 0.25)
    started = time.monotonic()
    assert len(list(paced(wav_file(tmp_path / "x.wav")))) == 3
    assert time.monotonic() - started >= 0.25


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"rate_hz": -1}, "rate_hz"),
        ({"channels": 2**31}, "channels"),
        ({"sample_type": "int8"}, "sample_type"),
        ({"endpoint_s": float("nan")}, "endpoint_s"),
        ({"beam_width": -1}, "beam_width"),
    ],
)
def test_a_stream_that_cannot_be_sent_is_refused_before_any_call(fields: dict[str, Any], said: str) -> None:
    with Argosy("127.0.0.1:1") as client, pytest.raises(ValueError, match=said):
        client.speech.stream([], **({"rate_hz": 16_000} | fields))


def test_pieces_are_bytes_or_arrays_of_the_streams_type() -> None:
    samples = np.array([1, -2], np.int16)
    assert speech_calls.piece_message(samples, "int16").audio == samples.astype("<i2").tobytes()
    assert speech_calls.piece_message(b"ab", "float32").audio == b"ab"
    with pytest.raises(ValueError, match="float64"):
        speech_calls.piece_message(np.zeros(2), "float32")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="str"):
        speech_calls.piece_message("ab", "int16")  # type: ignore[arg-type]


def test_options_of_a_stream_reach_the_message() -> None:
    options = speech_calls.decoding(4, 0, ["go left", ("stop", 1.5)], "en")
    config = speech_calls.streaming_config(8000, 2, "float32", False, 1.25, options)
    assert config.sample_format == speech_pb2.SAMPLE_FORMAT_FP32
    assert config.interim_results == speech_pb2.INTERIM_RESULTS_OMITTED
    assert config.endpoint_silence.ToMilliseconds() == 1250
    assert [(hint.phrase, hint.HasField("boost")) for hint in config.decoding.hints] == [
        ("go left", False),
        ("stop", True),
    ]
