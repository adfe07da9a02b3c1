# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Speech: clips and streams through a CTC model. The model here reads tokens off the loudness of the waveform."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argosy.speech.v1 import speech_pb2 as pb
from argosy_worker.domains.speech.recognizing import recognize
from argosy_worker.domains.speech.service import DOMAIN
from argosy_worker.domains.speech.streaming import streaming_recognize
from argosy_worker.errors import DeadlineExpired, InvalidInput
from argosy_worker.lifecycle.domain import LoadedGraph
from google.protobuf.duration_pb2 import Duration

from tests.unit.worker.domains.fakes import FakeCall, assert_invalid, fake_call, loaded, refusal

RATE, STRIDE, CHUNK = 8000, 80, 160
TOKENS = ["<blank>", "|", "g", "o", "n"]
STATE = {"input": "seen", "output": "seen_next"}
RECOGNIZE = {
    "output": "logits",
    "alphabet_file": "alphabet.txt",
    "stride": STRIDE,
    "states": [STATE],
    "chunk": CHUNK,
    "languages": ["en"],
    "max_stream_seconds": 120.0,
}
#: Loudness of a step that stands for one token more.
LOUDER = 0.1


def graph(tmp_path: Path, methods: Sequence[str] = ("Recognize", "StreamingRecognize"), **changed: Any) -> LoadedGraph:
    (tmp_path / "alphabet.txt").write_text("\n".join(TOKENS) + "\n")
    recognize_section = {key: value for key, value in (RECOGNIZE | changed).items() if value is not ...}
    speech = {"input": "x", "sample_rate_hz": RATE, "normalize": "none", "recognize": recognize_section}
    return loaded(
        {"methods": list(methods), "speech": speech},
        {"x": (-1, -1), "seen": (-1, 1)},
        {"logits": (-1, -1, len(TOKENS)), "seen_next": (-1, 1)},
        folder=tmp_path,
    )


def model(inputs: Any) -> Any:
    """Logits of the token for which each step's loudness stands; the state counts the steps seen."""
    steps = inputs["x"].reshape(len(inputs["x"]), -1, STRIDE).mean(axis=2)
    logits = 20 * (np.rint(steps / LOUDER)[..., None] == np.arange(len(TOKENS)))
    return {"logits": logits.astype(np.float32), "seen_next": inputs["seen"] + np.float32(steps.shape[1])}


@pytest.fixture
def call(tmp_path: Path) -> FakeCall:
    return fake_call(DOMAIN, graph(tmp_path), model)


def said(text: str, before_s: float = 0.1, after_s: float = 0.1) -> Any:
    """The samples that say a text, int16, two steps for each token, with silence around and between them."""
    tokens = [token for letter in text for token in (TOKENS.index(letter), 0)]
    loud = np.repeat(np.array(tokens) * LOUDER, 2 * STRIDE)
    waveform = np.concatenate([np.zeros(round(before_s * RATE)), loud, np.zeros(round(after_s * RATE))])
    return np.rint(waveform * 32768).astype("<i2")


def config(**fields: Any) -> pb.StreamingRecognizeRequest:
    return pb.StreamingRecognizeRequest(config=pb.StreamingConfig(**{"sample_rate_hz": RATE} | fields))


def pieces(data: bytes, size: int) -> list[pb.StreamingRecognizeRequest]:
    return [pb.StreamingRecognizeRequest(audio=data[start : start + size]) for start in range(0, len(data), size)]


async def stream(call: Any, *requests: pb.StreamingRecognizeRequest) -> list[pb.StreamingRecognizeResponse]:
    async def others() -> AsyncIterator[pb.StreamingRecognizeRequest]:
        for request in requests[1:]:
            yield request

    return [response async for response in streaming_recognize(requests[0], others(), call)]


def finals(responses: Sequence[pb.StreamingRecognizeResponse]) -> list[str]:
    return [response.transcript.text for response in responses if response.final]


def clip(samples: Any, **decoding: Any) -> pb.RecognizeRequest:
    pcm = pb.PcmAudio(data=samples.tobytes(), sample_rate_hz=RATE)
    return pb.RecognizeRequest(audio=pb.Audio(pcm=pcm), decoding=pb.DecodingOptions(**decoding))


async def test_a_clip_is_heard_in_pieces_with_the_state_handed_on(call: FakeCall) -> None:
    response = await recognize(clip(said("go|on")), call)

    (transcript,) = response.transcripts
    assert transcript.text == "go on"
    assert transcript.confidence == pytest.approx(1, abs=1e-3)
    assert [float(run["seen"][0, 0]) for run in call.ran] == [2.0 * number for number in range(len(call.ran))]
    assert {run["x"].shape for run in call.ran} == {(1, CHUNK)}


async def test_words_have_the_times_at_which_they_were_said(call: FakeCall) -> None:
    response = await recognize(clip(said("go|on", before_s=0.5)), call)
    go, on = response.transcripts[0].words
    assert (go.text, go.start.ToMilliseconds(), go.end.ToMilliseconds()) == ("go", 500, 550)
    assert (on.text, on.start.ToMilliseconds(), on.end.ToMilliseconds()) == ("on", 620, 670)
    assert go.confidence == pytest.approx(1, abs=1e-3)


async def test_what_a_model_tells_late_is_dated_back(tmp_path: Path) -> None:
    late = fake_call(DOMAIN, graph(tmp_path, delay_ms=510.0), model)
    response = await recognize(clip(said("go|on", before_s=0.5)), late)
    assert [word.start.ToMilliseconds() for word in response.transcripts[0].words] == [0, 110]


async def test_alternatives_are_told_best_first_and_the_first_alone_has_words(call: FakeCall) -> None:
    response = await recognize(clip(said("go"), beam_width=8, max_alternatives=3), call)
    assert len(response.transcripts) == 3
    assert response.transcripts[0].text == "go"
    shares = [each.confidence for each in response.transcripts]
    assert shares == sorted(shares, reverse=True)
    assert [len(each.words) > 0 for each in response.transcripts] == [True, False, False]


@pytest.mark.parametrize("size", [1, 3, 100, 4096, 10**6], ids="{} bytes".format)
async def test_a_stream_gives_what_its_clip_gives_however_it_is_cut(call: FakeCall, size: int) -> None:
    samples = said("go|on|no")
    whole = await recognize(clip(samples), call)
    responses = await stream(call, config(), *pieces(samples.tobytes(), size))
    (final,) = [response for response in responses if response.final]
    assert final.transcript == whole.transcripts[0]
    assert final.audio_end.ToMilliseconds() == pytest.approx(len(samples) / RATE * 1000, abs=20)


async def test_interim_results_grow_and_say_what_will_stay(call: FakeCall) -> None:
    responses = await stream(call, config(), *pieces(said("go|on|no").tobytes(), 320))

    interim = [response.transcript.text for response in responses if not response.final]
    assert interim == ["g", "go", "go o", "go on", "go on n", "go on no"]
    assert [response.stability for response in responses] == pytest.approx([0, 0, 0.5, 0.5, 2 / 3, 2 / 3, 1])
    assert responses[-1].final


async def test_interim_results_are_left_out_where_they_are_not_wanted(call: FakeCall) -> None:
    responses = await stream(
        call, config(interim_results=pb.INTERIM_RESULTS_OMITTED), *pieces(said("go|on").tobytes(), 320)
    )
    assert [response.transcript.text for response in responses] == ["go on"]


async def test_silence_ends_an_utterance_and_times_go_on_over_the_stream(call: FakeCall) -> None:
    samples = np.concatenate([said("go", after_s=0.7), said("no", before_s=0.5)])
    responses = await stream(call, config(), *pieces(samples.tobytes(), 1600))

    assert finals(responses) == ["go", "no"]
    go, no = [response for response in responses if response.final]
    begins = len(said("go", after_s=0.7)) / RATE + 0.5
    assert no.transcript.words[0].start.ToMilliseconds() == pytest.approx(begins * 1000, abs=1)
    assert go.audio_end.ToMilliseconds() < no.transcript.words[0].start.ToMilliseconds()


async def test_the_silence_that_ends_an_utterance_is_chosen(call: FakeCall) -> None:
    samples = np.concatenate([said("go", after_s=0.7), said("no", before_s=0.5)]).tobytes()
    patient = config(endpoint_silence=Duration(seconds=2))
    assert finals(await stream(call, patient, *pieces(samples, 1600))) == ["gono"]
    hasty = config(endpoint_silence=Duration(nanos=200_000_000))
    assert finals(await stream(call, hasty, *pieces(samples, 1600))) == ["go", "no"]


async def test_endless_speech_is_made_final_in_time(tmp_path: Path) -> None:
    short = fake_call(DOMAIN, graph(tmp_path, max_utterance_seconds=1.0), model)
    responses = await stream(short, config(), *pieces(said("go|" * 20).tobytes(), 1600))
    assert len(finals(responses)) > 1
    assert " ".join(finals(responses)).split() == ["go"] * 20


async def test_a_minute_of_silence_says_nothing_and_the_words_after_it_are_heard(call: FakeCall) -> None:
    silence = bytes(2 * 60 * RATE)
    assert await stream(call, config(), *pieces(silence, 8000)) == []
    assert finals(await stream(call, config(), *pieces(silence + said("go").tobytes(), 100_000))) == ["go"]


async def test_a_stream_that_stops_in_the_middle_of_a_sample_gives_what_was_said(call: FakeCall) -> None:
    data = said("go|on", after_s=0).tobytes()
    assert finals(await stream(call, config(), *pieces(data[: len(data) // 2 + 1], 333))) == ["go"]


async def test_a_stream_of_another_rate_and_of_two_channels_is_converted(call: FakeCall) -> None:
    frames = np.repeat(said("go|on"), 2)  # 16 kHz
    stereo = np.stack([frames, frames], axis=1).astype("<f4") / 32768
    wide = config(sample_rate_hz=2 * RATE, channels=2, sample_format=pb.SAMPLE_FORMAT_FP32)
    assert finals(await stream(call, wide, *pieces(stereo.tobytes(), 999))) == ["go on"]


def audio(data: bytes) -> pb.StreamingRecognizeRequest:
    return pb.StreamingRecognizeRequest(audio=data)


NAN = np.full(1000, np.nan, "<f4").tobytes()
BAD = {
    "never config": ([audio(bytes(100))], "CONFIG_MISSING"),
    "nothing at all": ([pb.StreamingRecognizeRequest()], "CONFIG_MISSING"),
    "config twice": ([config(), audio(bytes(100)), config()], "CONFIG_REPEATED"),
    "another sample rate in the middle": (
        [config(), audio(bytes(100)), config(sample_rate_hz=44_100)],
        "CONFIG_REPEATED",
    ),
    "message without audio": ([config(), pb.StreamingRecognizeRequest()], "AUDIO_MISSING"),
    "no rate": ([config(sample_rate_hz=0)], "SAMPLE_RATE_UNSUPPORTED"),
    "negative rate": ([config(sample_rate_hz=-8000)], "SAMPLE_RATE_UNSUPPORTED"),
    "17 channels": ([config(channels=17)], "CHANNELS_UNSUPPORTED"),
    "unknown format": ([config(sample_format=9)], "SAMPLE_FORMAT_UNKNOWN"),
    "unknown language": ([config(decoding=pb.DecodingOptions(language="de"))], "LANGUAGE_UNSUPPORTED"),
    "unknown kind of results": ([config(interim_results=7)], "INTERIM_RESULTS_UNKNOWN"),
    "no silence": ([config(endpoint_silence=Duration())], "ENDPOINT_OUT_OF_RANGE"),
    "negative silence": ([config(endpoint_silence=Duration(seconds=-1))], "ENDPOINT_OUT_OF_RANGE"),
    "endless silence": ([config(endpoint_silence=Duration(seconds=10**12))], "ENDPOINT_OUT_OF_RANGE"),
    "a file": ([config(), audio(b"RIFF" + bytes(100))], "AUDIO_NOT_RAW"),
    "a piece over 1 MiB": ([config(), audio(bytes((1 << 20) + 1))], "AUDIO_PIECE_TOO_LARGE"),
    "too much audio": ([config(), *[audio(bytes(1 << 20))] * 2], "AUDIO_TOO_LONG"),
    "NaN": ([config(sample_format=pb.SAMPLE_FORMAT_FP32), audio(NAN)], "VALUE_NOT_FINITE"),
}


@pytest.mark.parametrize("name", BAD)
async def test_bad_streams_are_refused_with_a_reason(call: FakeCall, name: str) -> None:
    requests, reason = BAD[name]
    with pytest.raises(InvalidInput) as caught:
        await stream(call, *requests)
    assert caught.value.reason == reason


async def test_a_stream_that_goes_quiet_without_ending_is_ended(tmp_path: Path) -> None:
    impatient = fake_call(DOMAIN, graph(tmp_path, idle_seconds=0.05), model)

    async def never() -> AsyncIterator[pb.StreamingRecognizeRequest]:
        yield audio(bytes(10))
        await asyncio.Event().wait()

    with pytest.raises(DeadlineExpired) as caught:
        async for _ in streaming_recognize(config(), never(), impatient):
            pass
    assert caught.value.reason == "STREAM_IDLE"


async def test_a_clip_of_one_sample_is_answered(call: FakeCall) -> None:
    response = await recognize(clip(np.zeros(1, "<i2")), call)
    assert [(each.text, len(each.words)) for each in response.transcripts] == [("", 0)]


async def test_bad_options_are_refused_before_the_model_runs(call: FakeCall) -> None:
    assert (await refusal(recognize(clip(said("go"), beam_width=999), call))).reason == "BEAM_WIDTH_OUT_OF_RANGE"
    assert not call.ran


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"output": "nope"}, "speech.recognize.output"),
        ({"alphabet_file": "absent.txt"}, "absent.txt"),
        ({"blank": 9}, "speech.recognize.blank"),
        ({"vocabulary_file": "alphabet.txt"}, "cannot write"),
        ({"word_delimiter": "_"}, "speech.recognize.word_delimiter"),
        ({"word_delimiter": "<blank>"}, "is the blank"),
        ({"chunk": 100}, "must be a multiple of stride, 80"),
        ({"chunk": ...}, "must be set where states are"),
        ({"states": [STATE | {"input": "nope"}]}, "speech.recognize.states[0].input"),
        ({"states": [STATE | {"output": "logits"}]}, "speech.recognize.states[0].output"),
        ({"states": [], "chunk": ...}, "the graph also has the input 'seen'"),
    ],
)
def test_a_model_that_does_not_keep_the_contract_is_refused(tmp_path: Path, changed: dict[str, Any], part: str) -> None:
    assert_invalid(DOMAIN, graph(tmp_path, **changed), part)


def test_a_model_has_either_classes_or_words(tmp_path: Path) -> None:
    assert_invalid(DOMAIN, graph(tmp_path, ("Classify", "Recognize")), "not both")


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("vocab.json", '{"<pad>": 0, "|": 2}', "from 0 without gaps"),
        ("vocab.json", "[1]", "JSON object"),
        ("vocab.json", "{", "not JSON"),
        ("letters.txt", "a\na\n|\n", "repeats 'a'"),
        ("letters.txt", "<blank>\n|\n", "no token that stands for text"),
    ],
)
def test_an_alphabet_that_cannot_be_read_is_refused(tmp_path: Path, name: str, text: str, part: str) -> None:
    (tmp_path / name).write_text(text)
    assert_invalid(DOMAIN, graph(tmp_path, alphabet_file=name), part)
