# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Speech through the whole fleet: clips, streams, segments and explanations, by both clients and the command."""

import io
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
import soundfile
from argosy.common.v1.explanation_pb2 import ExplanationOptions
from argosy.speech.v1 import speech_pb2 as pb
from argosy_client import Argosy as Client
from argosy_client import ArgosyError, AsyncArgosy

from tests.e2e.files import wav
from tests.e2e.requests import YES, send_beside_good_ones
from tests.e2e.shell import Ended, argosy_command
from tests.e2e.wire import error_infos
from tests.support.fleet import MODELS, FleetAddresses

SERVICE = "/argosy.speech.v1.SpeechService"
COUNTDOWN = (MODELS / "speech/digits_and_commands/golden/countdown.wav").read_bytes()
WORDS = "three two one go"
SAMPLES, RATE = soundfile.read(io.BytesIO(COUNTDOWN), dtype="int16")
SILENCE = np.zeros(RATE, np.int16)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """The countdown twice, a second apart, as a WAV file."""
    file = tmp_path / "countdown.wav"
    file.write_bytes(wav(np.concatenate([SAMPLES, SILENCE, SAMPLES]), RATE))
    return file


def pieces(samples: Any, size: int = 1600) -> Iterator[bytes]:
    data = samples.astype("<i2").tobytes()
    yield from (data[start : start + size] for start in range(0, len(data), size))


def test_the_words_of_a_clip_are_recognised_with_their_times(argosy: Client) -> None:
    found = argosy.speech.recognize(
        COUNTDOWN, beam_width=16, alternatives=2, hints=["three", ("go", 1.0)], language="en"
    )
    assert (found.text, found.model) == (WORDS, "digits_and_commands")
    assert [word.text for word in found.best.words] == WORDS.split()
    times = [time for word in found.best.words for time in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] <= found.duration_s == pytest.approx(len(SAMPLES) / RATE)
    assert len(found.transcripts) == 2


@pytest.mark.parametrize("model", [None, "digits_and_commands"])
def test_a_stream_gives_interim_and_final_results(argosy: Client, model: str | None) -> None:
    results = list(argosy.speech.stream(pieces(np.concatenate([SAMPLES, SILENCE, SAMPLES])), RATE, model=model))
    assert [one.text for one in results if one.final] == [WORDS, WORDS]
    assert any(not one.final for one in results)
    ends = [one.audio_end_s for one in results]
    assert ends == sorted(ends)
    assert results[-1].model == "digits_and_commands"


async def test_asyncio_streams_at_the_same_time_keep_apart(fleet: FleetAddresses) -> None:
    import asyncio

    async def said(samples: Any) -> AsyncIterator[bytes]:
        for piece in pieces(samples):
            yield piece

    async with AsyncArgosy(fleet.gateway, timeout_s=30) as client:

        async def heard(samples: Any) -> list[str]:
            stream = client.speech.stream(said(samples), RATE, interim=False)
            return [one.text async for one in stream]

        found = await asyncio.gather(*(heard(SAMPLES if number % 2 else SILENCE) for number in range(8)))
        assert found == [[], [WORDS]] * 4
        assert (await client.speech.recognize(COUNTDOWN)).text == WORDS
        assert len((await client.speech.detect(COUNTDOWN)).segments) == 1
        assert (await client.speech.explain(YES)).target == "yes"


def test_speech_is_found_between_silences(argosy: Client) -> None:
    clip = np.concatenate([SILENCE, SAMPLES, SILENCE, SILENCE])
    (found,) = argosy.speech.detect((clip, RATE)).segments
    assert found.start_s == pytest.approx(1.2, abs=0.2)
    assert found.end_s == pytest.approx(1 + len(SAMPLES) / RATE - 0.2, abs=0.2)


def test_a_label_rests_on_where_the_word_is(argosy: Client) -> None:
    word, rate = soundfile.read(io.BytesIO(YES), dtype="int16")
    clip = np.concatenate([np.zeros(rate // 5, np.int16), word])
    found = argosy.speech.explain((clip, rate), picture=True, segments=10)
    assert (found.target, len(found.segments)) == ("yes", 10)
    assert found.value > 0.9
    assert found.fidelity is not None
    assert found.fidelity > 0.2
    assert 0.2 < max(found.segments, key=lambda one: one.attribution).start_s < 0.8
    assert found.picture.startswith(b"\x89PNG")


def stream_request(**fields: Any) -> pb.StreamingRecognizeRequest:
    return pb.StreamingRecognizeRequest(**fields)


CONFIG = stream_request(config=pb.StreamingConfig(sample_rate_hz=RATE))
AUDIO = stream_request(audio=bytes(100))
BAD_STREAMS = {
    "no message": ([], "STREAM_EMPTY"),
    "never config": ([AUDIO], "CONFIG_MISSING"),
    "config twice": ([CONFIG, AUDIO, CONFIG], "CONFIG_REPEATED"),
    "a changed sample rate": (
        [CONFIG, AUDIO, stream_request(config=pb.StreamingConfig(sample_rate_hz=44_100))],
        "CONFIG_REPEATED",
    ),
    "unknown format": (
        [stream_request(config=pb.StreamingConfig(sample_rate_hz=RATE, sample_format=7))],  # type: ignore[arg-type]
        "SAMPLE_FORMAT_UNKNOWN",
    ),
    "unknown language": (
        [stream_request(config=pb.StreamingConfig(sample_rate_hz=RATE, decoding=pb.DecodingOptions(language="xx")))],
        "LANGUAGE_UNSUPPORTED",
    ),
    "an encoded file": ([CONFIG, stream_request(audio=COUNTDOWN)], "AUDIO_NOT_RAW"),
    "a piece over 1 MiB": ([CONFIG, stream_request(audio=bytes((1 << 20) + 1))], "AUDIO_PIECE_TOO_LARGE"),
}


@pytest.mark.parametrize("name", BAD_STREAMS)
def test_bad_streams_end_with_one_reason_and_harm_nobody(channel: grpc.Channel, name: str) -> None:
    messages, reason = BAD_STREAMS[name]
    call = channel.stream_stream(f"{SERVICE}/StreamingRecognize")(
        iter([message.SerializeToString() for message in messages]),
        timeout=30,
        metadata=[("x-model", "digits_and_commands")],
    )
    with pytest.raises(grpc.RpcError):
        list(call)
    assert call.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error_infos(tuple(call.trailing_metadata())) == 1
    assert reason in str(call.trailing_metadata())
    good = pb.ClassifyRequest(audio=pb.Audio(encoded=YES))
    assert send_beside_good_ones(channel, f"{SERVICE}/Classify", good).code is grpc.StatusCode.OK


def clip(samples: Any) -> pb.Audio:
    return pb.Audio(pcm=pb.PcmAudio(data=samples.tobytes(), sample_rate_hz=8000))


LONG, SHORT = clip(np.zeros(8000 * 61, "<i2")), clip(np.zeros(2, "<i2"))
BAD_CALLS = {
    "a minute too much": ("Recognize", pb.RecognizeRequest(audio=LONG), "AUDIO_TOO_LONG"),
    "no clip": ("Recognize", pb.RecognizeRequest(), "AUDIO_MISSING"),
    "an endless beam": (
        "Recognize",
        pb.RecognizeRequest(audio=SHORT, decoding=pb.DecodingOptions(beam_width=2**31 - 1)),
        "BEAM_WIDTH_OUT_OF_RANGE",
    ),
    "a hint that cannot be written": (
        "Recognize",
        pb.RecognizeRequest(audio=SHORT, decoding=pb.DecodingOptions(hints=[pb.PhraseHint(phrase="\u4e09")])),
        "HINT_INVALID",
    ),
    "text for a clip": (
        "DetectSpeech",
        pb.DetectSpeechRequest(audio=pb.Audio(encoded=b"yes")),
        "AUDIO_FORMAT_UNSUPPORTED",
    ),
    "an explanation of more parts than there are": (
        "Explain",
        pb.ExplainRequest(audio=SHORT, segment_count=256),
        "SEGMENTS_OUT_OF_RANGE",
    ),
    "an explanation of absurd cost": (
        "Explain",
        pb.ExplainRequest(audio=pb.Audio(encoded=YES), options=ExplanationOptions(max_evaluations=10**9)),
        "EVALUATIONS_OUT_OF_RANGE",
    ),
}


@pytest.mark.parametrize("name", BAD_CALLS)
def test_bad_calls_are_refused_with_one_reason_and_harm_nobody(channel: grpc.Channel, name: str) -> None:
    method, message, reason = BAD_CALLS[name]
    outcome = send_beside_good_ones(channel, f"{SERVICE}/{method}", message)
    assert outcome.refused() == ("INVALID_ARGUMENT", reason)


def test_a_stream_that_its_caller_leaves_harms_nobody(argosy: Client) -> None:
    stream = argosy.speech.stream(pieces(np.tile(SAMPLES, 20)), RATE)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert argosy.speech.recognize(COUNTDOWN).text == WORDS


def test_what_the_pieces_raise_ends_the_stream(argosy: Client) -> None:
    def broken() -> Iterator[bytes]:
        yield from pieces(SAMPLES)
        raise OSError("the microphone is gone")

    with pytest.raises(OSError, match="microphone"):
        list(argosy.speech.stream(broken(), RATE))


def test_a_model_without_the_method_refuses_it(argosy: Client) -> None:
    with pytest.raises(ArgosyError) as refused:
        argosy.speech.recognize(COUNTDOWN, model="commands")
    assert refused.value.code is grpc.StatusCode.FAILED_PRECONDITION
    with pytest.raises(ArgosyError) as streamed:
        list(argosy.speech.stream([b"\0\0"], RATE, model="commands"))
    assert streamed.value.code is grpc.StatusCode.FAILED_PRECONDITION


def run(fleet: FleetAddresses, *arguments: str) -> Ended:
    return argosy_command("speech", *arguments, "--address", fleet.gateway, "--timeout", "60")


def test_the_command_recognises_streams_detects_and_explains(
    fleet: FleetAddresses, recording: Path, tmp_path: Path
) -> None:
    file = str(recording)
    (recognised,) = json.loads(run(fleet, "recognize", file, "--json").out)
    assert recognised["transcripts"][0]["text"].split() == 2 * WORDS.split()
    assert "three" in run(fleet, "recognize", file, "--words", "--hint", "go=2").out
    lines = run(fleet, "stream", file, "--json").out.splitlines()
    assert [one["transcript"]["text"] for one in map(json.loads, lines) if one["final"]] == [WORDS, WORDS]
    (detected,) = json.loads(run(fleet, "detect", file, "--json").out)
    assert len(detected["segments"]) == 2
    (tmp_path / "yes.wav").write_bytes(YES)
    explained = run(fleet, "explain", str(tmp_path / "yes.wav"), "--json", "--output", str(tmp_path / "why.png"))
    assert json.loads(explained.out)["target"] == "yes"
    assert (tmp_path / "why.png").read_bytes().startswith(b"\x89PNG")


def test_the_command_hears_raw_samples_from_a_pipe(fleet: FleetAddresses) -> None:
    command = [str(Path(sys.executable).with_name("argosy")), "speech", "stream", "-", "--final-only"]
    data = SAMPLES.astype("<i2").tobytes()
    done = subprocess.run([*command, "--address", fleet.gateway], input=data, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().split(maxsplit=3)[3].strip() == WORDS


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("stream", "/absent.wav"), 1, "No such file"),
        (("stream", __file__), 2, "no WAV file"),
        (("recognize", __file__), 1, "AUDIO_FORMAT_UNSUPPORTED"),
        (("recognize", "x.wav", "--hint", "go=loud"), 2, "PHRASE=BOOST"),
        (("stream", "{recording}", "--language", "xx"), 1, "LANGUAGE_UNSUPPORTED"),
    ],
)
def test_a_command_that_fails_is_one_line(
    fleet: FleetAddresses, recording: Path, arguments: tuple[str, ...], status: int, said: str
) -> None:
    ended = run(fleet, *(each.format(recording=recording) for each in arguments))
    (line,) = ended.err.splitlines()
    assert said in line
    assert (ended.status, ended.out) == (status, "")
