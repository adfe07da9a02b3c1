# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Speech: how much audio a worker recognizes with one core, as clips and as streams of small pieces."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

import grpc
import numpy as np
import soundfile
from argosy.speech.v1 import speech_pb2 as pb

from bench import procs, servers
from bench.report import Section, Table
from bench.stats import spread

MODELS = Path(__file__).resolve().parents[1] / "models/speech"
MODEL = "digits_and_commands"
SERVICE = "/argosy.speech.v1.SpeechService"
#: Audio of one clip or stream, and of one piece of a stream, in seconds.
AUDIO_S, PIECE_S = 20.0, 0.1
CLIPS, STREAMS = (1, 8), (1, 8, 32)
_COLUMNS = ("what", "audio s / s of CPU", "real-time factor", "audio s / s")

Run = Callable[[], Awaitable[str]]


async def run(rounds: int, progress: Callable[[str], None]) -> Section:
    """Recognizes the same audio in every way, ``rounds`` times, with a worker that has one core."""
    core, _ = procs.cores()
    found: dict[str, list[tuple[float, float]]] = {}
    failures: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="argosy-bench-") as temporary:
        folder = Path(temporary)
        ready = len([one for one in MODELS.iterdir() if one.is_dir()])
        with servers.worker(folder, MODELS, core, ready, domain="speech") as worker:
            async with grpc.aio.insecure_channel(worker.address) as channel:
                (server,) = worker.servers
                ways = _ways(channel, *audio(AUDIO_S))
                expected = await ways[f"1 clip of {AUDIO_S:g} s"][1]()
                for number in range(1, rounds + 1):
                    for name, (count, once) in ways.items():
                        progress(f"round {number} of {rounds}: {name}")
                        used, started = server.cpu_seconds(), asyncio.get_running_loop().time()
                        texts = await asyncio.gather(*(once() for _ in range(count)))
                        elapsed = asyncio.get_running_loop().time() - started
                        cpu_s = max(server.cpu_seconds() - used, 1e-2)
                        found.setdefault(name, []).append((count * AUDIO_S / cpu_s, count * AUDIO_S / elapsed))
                        failures |= {f"{name}: heard {text!r}" for text in texts if text.split() != expected.split()}
    return _section(found, rounds, sorted(failures))


def _section(found: Mapping[str, list[tuple[float, float]]], rounds: int, failures: list[str]) -> Section:
    rows = tuple(
        (
            name,
            spread(per_cpu for per_cpu, _ in each).text(0),
            spread(1 / per_cpu for per_cpu, _ in each).text(4),
            spread(per_s for _, per_s in each).text(0),
        )
        for name, each in found.items()
    )
    notes = (
        f"{MODEL} on the CPU, one worker kept to one of {len(os.sched_getaffinity(0))} cores, called without a "
        f"gateway; streams of {PIECE_S:g} s pieces, sent as fast as they are taken, with interim results; "
        f"median (min-max) of {rounds} rounds.",
        "Audio s / s of CPU is how many speakers at a time one core keeps up with; the real-time factor, its inverse.",
        "Every answer was compared with the text of the first one.",
    )
    rounds_ = {name: [list(one) for one in each] for name, each in found.items()}
    return Section("speech", Table("Speech: audio recognized", _COLUMNS, rows, notes), (), rounds_, tuple(failures))


def _ways(channel: grpc.aio.Channel, samples: bytes, rate_hz: int) -> dict[str, tuple[int, Run]]:
    """How many at a time, and one of them."""
    clip, stream = partial(_clip, channel, samples, rate_hz), partial(_stream, channel, samples, rate_hz)
    ways: dict[str, tuple[int, Run]] = {}
    for count in CLIPS:
        ways[f"{count} clip{'s' * (count > 1)} of {AUDIO_S:g} s"] = (count, clip)
    for count in STREAMS:
        ways[f"{count} stream{'s' * (count > 1)}"] = (count, stream)
    return ways


async def recognized(channel: grpc.aio.Channel, samples: bytes, rate_hz: int) -> pb.RecognizeResponse:
    """What the model hears in a clip of raw int16."""
    call = channel.unary_unary(
        f"{SERVICE}/Recognize", pb.RecognizeRequest.SerializeToString, pb.RecognizeResponse.FromString
    )
    pcm = pb.PcmAudio(data=samples, sample_rate_hz=rate_hz)
    response: pb.RecognizeResponse = await call(pb.RecognizeRequest(model=MODEL, audio=pb.Audio(pcm=pcm)))
    return response


def streaming(channel: grpc.aio.Channel) -> grpc.aio.StreamStreamMultiCallable:
    """The method StreamingRecognize."""
    return channel.stream_stream(
        f"{SERVICE}/StreamingRecognize",
        pb.StreamingRecognizeRequest.SerializeToString,
        pb.StreamingRecognizeResponse.FromString,
    )


async def _clip(channel: grpc.aio.Channel, samples: bytes, rate_hz: int) -> str:
    return str((await recognized(channel, samples, rate_hz)).transcripts[0].text)


async def _stream(channel: grpc.aio.Channel, samples: bytes, rate_hz: int) -> str:
    async def requests() -> AsyncIterator[pb.StreamingRecognizeRequest]:
        yield pb.StreamingRecognizeRequest(model=MODEL, config=pb.StreamingConfig(sample_rate_hz=rate_hz))
        size = 2 * round(PIECE_S * rate_hz)
        for start in range(0, len(samples), size):
            yield pb.StreamingRecognizeRequest(audio=samples[start : start + size])

    return " ".join([str(one.transcript.text) async for one in streaming(channel)(requests()) if one.final])


def audio(seconds: float) -> tuple[bytes, int]:
    """The model's golden clip, over and over, as raw int16, and its rate in Hz."""
    clip, rate_hz = soundfile.read(MODELS / MODEL / "golden/countdown.wav", dtype="int16")
    return np.resize(clip, round(seconds * rate_hz)).astype("<i2").tobytes(), rate_hz
