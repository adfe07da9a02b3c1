# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Speech at the pace of speaking: how long after a word its text comes, with more and more speakers at a time."""

import asyncio
import os
import random
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import grpc
import numpy as np
from argosy.speech.v1 import speech_pb2 as pb

from bench import procs, servers, speech
from bench.procs import Server
from bench.report import Section, Table

#: Most that 99 of 100 words may be late, in seconds.
LIMIT_S = 0.5
#: Streams at a time, doubled until words are late, and never more than so many.
FIRST, MOST = 1, 512
#: Streams do not begin at once, but within this time, in seconds.
_SPREAD_S = 1.0
_COLUMNS = ("streams", "word p50 ms", "word p99 ms", "end p50 ms", "end p99 ms", "CPU %")


@dataclass(frozen=True, slots=True)
class Heard:
    """A result: when it came, in seconds since the first sample was spoken, and its words since the last final one."""

    at_s: float
    words: tuple[str, ...]
    final: bool


@dataclass(frozen=True, slots=True)
class Level:
    """So many streams at a time; delays in seconds, infinite for words that never came."""

    streams: int
    words_s: tuple[float, ...]
    ends_s: tuple[float, ...]
    cpu: float
    failures: tuple[str, ...] = ()

    @property
    def keeps_up(self) -> bool:
        """Whether 99 of 100 words come in time, and no stream failed."""
        return not self.failures and percentile(self.words_s, 99) < LIMIT_S


def delays(expected: Sequence[tuple[str, float]], heard: Sequence[Heard]) -> list[float]:
    """How long after its end each word was first shown in its place, in seconds; infinite where it never was.

    Args:
        expected: Words with their ends, in seconds from the first sample.
        heard: All results, in order.
    """
    found = [float("inf")] * len(expected)
    settled = 0
    for one in heard:
        for place, word in enumerate(one.words, settled):
            if place < len(expected) and expected[place][0] == word:
                found[place] = min(found[place], one.at_s - expected[place][1])
        settled += len(one.words) if one.final else 0
    return found


def percentile(values: Sequence[float], which: float) -> float:
    """The value that so many of 100 do not exceed."""
    return float(np.percentile(values, which, method="higher")) if values else float("inf")


def next_streams(levels: Sequence[Level]) -> int:
    """How many streams to try next: twice as many until they are too many, then between; 0 where that is close."""
    good = max((one.streams for one in levels if one.keeps_up), default=0)
    bad = min((one.streams for one in levels if not one.keeps_up), default=0)
    if not levels:
        return FIRST
    if not bad:
        return 2 * good if good < MOST else 0
    return (good + bad) // 2 if bad - good > max(1, good // 10) else 0


async def run(seconds: float, progress: Callable[[str], None]) -> Section:
    """Adds streams until words come late, each stream with so much audio, against a worker that has one core."""
    core, _ = procs.cores()
    levels: list[Level] = []
    with tempfile.TemporaryDirectory(prefix="argosy-bench-") as temporary:
        ready = len([one for one in speech.MODELS.iterdir() if one.is_dir()])
        with servers.worker(Path(temporary), speech.MODELS, core, ready, domain="speech") as worker:
            async with grpc.aio.insecure_channel(worker.address) as channel:
                samples, rate_hz = speech.audio(seconds)
                expected = await _words(channel, samples, rate_hz)
                while streams := next_streams(levels):
                    progress(f"{streams} streams")
                    levels.append(await _level(channel, worker.servers[0], samples, rate_hz, expected, streams))
    return _section(levels, seconds)


async def _words(channel: grpc.aio.Channel, samples: bytes, rate_hz: int) -> list[tuple[str, float]]:
    """What is said, with the end of each word in seconds."""
    response = await speech.recognized(channel, samples, rate_hz)
    return [(str(word.text), word.end.ToMilliseconds() / 1e3) for word in response.transcripts[0].words]


async def _level(
    channel: grpc.aio.Channel,
    server: Server,
    samples: bytes,
    rate_hz: int,
    expected: Sequence[tuple[str, float]],
    streams: int,
) -> Level:
    pauses = random.Random(streams)
    used, started = server.cpu_seconds(), time.monotonic()
    speakers = [_speaker(channel, samples, rate_hz, pauses.uniform(0, _SPREAD_S)) for _ in range(streams)]
    ended = await asyncio.gather(*speakers, return_exceptions=True)
    cpu = (server.cpu_seconds() - used) / (time.monotonic() - started)
    failures = {str(one.details()) for one in ended if isinstance(one, grpc.aio.AioRpcError)}
    others = [one for one in ended if isinstance(one, BaseException) and not isinstance(one, grpc.aio.AioRpcError)]
    if others:
        raise others[0]
    done = [one for one in ended if not isinstance(one, BaseException)]
    words = [delay for heard, _ in done for delay in delays(expected, heard)]
    return Level(streams, tuple(words), tuple(end for _, end in done), cpu, tuple(sorted(failures)))


async def _speaker(
    channel: grpc.aio.Channel, samples: bytes, rate_hz: int, pause_s: float
) -> tuple[list[Heard], float]:
    """One stream, its pieces sent when they have been spoken: its results, and the time from its end to the last."""
    await asyncio.sleep(pause_s)
    begun = time.monotonic()
    size = 2 * round(speech.PIECE_S * rate_hz)
    ended = begun

    async def requests() -> AsyncIterator[pb.StreamingRecognizeRequest]:
        nonlocal ended
        config = pb.StreamingConfig(sample_rate_hz=rate_hz)
        yield pb.StreamingRecognizeRequest(model=speech.MODEL, config=config)
        for start in range(0, len(samples), size):
            piece = samples[start : start + size]
            spoken = begun + (start + len(piece)) / 2 / rate_hz
            await asyncio.sleep(max(spoken - time.monotonic(), 0))
            yield pb.StreamingRecognizeRequest(audio=piece)
        ended = time.monotonic()

    heard = []
    async for one in speech.streaming(channel)(requests()):
        heard.append(Heard(time.monotonic() - begun, tuple(one.transcript.text.split()), one.final))
    return heard, time.monotonic() - ended


def _section(levels: Sequence[Level], seconds: float) -> Section:
    ordered = sorted(levels, key=lambda one: one.streams)
    rows = tuple(
        (
            str(one.streams),
            *(_ms(values, which) for values in (one.words_s, one.ends_s) for which in (50, 99)),
            f"{100 * one.cpu:.0f}",
        )
        for one in ordered
    )
    most = max((one.streams for one in levels if one.keeps_up), default=0)
    notes = (
        f"{speech.MODEL} on the CPU, one worker kept to one of {len(os.sched_getaffinity(0))} cores, called without a "
        f"gateway; each stream speaks for {seconds:g} s and sends pieces of {speech.PIECE_S:g} s when they are spoken.",
        "Word: from the end of a word, as Recognize tells it, to the first result that has it; end: from the last "
        "piece to the last result.",
        f"**{most} streams** at a time on one core keep 99 of 100 words below {1e3 * LIMIT_S:g} ms.",
    )
    rounds = [[one.streams, percentile(one.words_s, 50), percentile(one.words_s, 99), one.cpu] for one in ordered]
    # Streams that fail where there are too many are the limit; where one speaks alone, the figures are worthless.
    failures = ordered[0].failures if ordered else ()
    return Section(
        "speaking", Table("Speech: words while they are spoken", _COLUMNS, rows, notes), (), rounds, failures
    )


def _ms(values: Sequence[float], which: float) -> str:
    found = percentile(values, which)
    return f"{1e3 * found:,.0f}" if found < float("inf") else "never"
