# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Speech with real graphs: a model of another architecture, wav2vec2's on the raw waveform, is served by model.yaml
alone, and streams share batches."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import soundfile
from argosy.speech.v1 import speech_pb2 as pb
from argosy_worker.domains.speech.service import DOMAIN
from argosy_worker.lifecycle.call import ActiveCall
from argosy_worker.lifecycle.loader import Loader
from argosy_worker.lifecycle.manager import ModelManager
from argosy_worker.lifecycle.state import StateBoard
from argosy_worker.scheduling.work import Terms
from onnx import TensorProto, helper, numpy_helper

from tests.support.fleet import MODELS

RATE = 16_000
#: As a Hugging Face tokenizer has it: places need not be in order.
VOCABULARY = {"E": 5, "<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3, "|": 4, "T": 6, "A": 7, "O": 8, "N": 9, "'": 10}
WIDTH = 16
YAML = """
methods: [Recognize]
speech:
  input: input_values
  sample_rate_hz: 16000
  features: waveform
  normalize: per_clip
  recognize:
    output: logits
    alphabet_file: vocab.json
    blank: 0
    word_delimiter: "|"
    letter_case: lower
    stride: 320
    attention_mask: attention_mask
"""


class Drawing:
    """A graph of random weights, put together operator by operator."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(20261129)
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def weights(self, *shape: int) -> str:
        return self.constant(self.random.normal(0, 1.5 / np.sqrt(np.prod(shape[1:]) or 1), shape).astype(np.float32))

    def constant(self, value: Any) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def gelu(self, tensor: str) -> str:
        half, root, one = (self.constant(np.float32(value)) for value in (0.5, np.sqrt(2), 1))
        cut = self.op("Add", self.op("Erf", self.op("Div", tensor, root)), one)
        return self.op("Mul", self.op("Mul", tensor, cut), half)

    def normalized(self, tensor: str) -> str:
        scale, bias = self.constant(np.ones(WIDTH, np.float32)), self.constant(np.zeros(WIDTH, np.float32))
        return self.op("LayerNormalization", tensor, scale, bias, axis=-1)


def wav2vec2() -> onnx.ModelProto:
    """Seven convolutions, each normalised over time, of one step in 320 samples, a layer of attention, and logits."""
    draw = Drawing()
    tensor = draw.op("Unsqueeze", "input_values", draw.constant(np.array([1])))
    channels = 1
    for kernel, stride in zip((10, 3, 3, 3, 3, 2, 2), (5, 2, 2, 2, 2, 2, 2), strict=True):
        tensor = draw.gelu(draw.op("Conv", tensor, draw.weights(WIDTH, channels, kernel), strides=[stride]))
        scale, bias = draw.constant(np.ones(WIDTH, np.float32)), draw.constant(np.zeros(WIDTH, np.float32))
        tensor = draw.op("InstanceNormalization", tensor, scale, bias)
        channels = WIDTH
    tensor = draw.normalized(draw.op("Transpose", tensor, perm=[0, 2, 1]))
    query, key, value = (draw.op("MatMul", tensor, draw.weights(WIDTH, WIDTH)) for _ in range(3))
    attention = draw.op("Softmax", draw.op("MatMul", query, draw.op("Transpose", key, perm=[0, 2, 1])), axis=-1)
    tensor = draw.normalized(draw.op("Add", tensor, draw.op("MatMul", attention, value)))
    logits = draw.op("MatMul", tensor, draw.weights(WIDTH, len(VOCABULARY)))
    # The mask is an input that a graph must read: its mean over the clip is 1, and changes nothing.
    mask = draw.op("Cast", "attention_mask", to=TensorProto.FLOAT)
    mean = draw.op("Unsqueeze", draw.op("ReduceMean", mask, axes=[1], keepdims=1), draw.constant(np.array([2])))
    draw.nodes.append(helper.make_node("Mul", [logits, mean], ["logits"]))
    graph = helper.make_graph(
        draw.nodes,
        "wav2vec2",
        [
            helper.make_tensor_value_info("input_values", TensorProto.FLOAT, ["batch", "samples"]),
            helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["batch", "samples"]),
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "steps", len(VOCABULARY)])],
        draw.constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "wav2vec2"
    (folder / "1").mkdir(parents=True)
    onnx.save(wav2vec2(), folder / "1" / "model.onnx")
    (folder / "vocab.json").write_text(json.dumps(VOCABULARY))
    (folder / "model.yaml").write_text(YAML)
    return tmp_path


def by_hand(repository: Path, waveform: Any) -> tuple[str, list[float]]:
    """The text as Hugging Face's tokenizer reads it, and the start of each word in seconds."""
    session = onnxruntime.InferenceSession(repository / "wav2vec2/1/model.onnx", providers=["CPUExecutionProvider"])
    values = (waveform - waveform.mean()) / (waveform.std() + 1e-5)
    mask = np.ones((1, len(waveform)), np.int64)
    (logits,) = session.run(None, {"input_values": values[None].astype(np.float32), "attention_mask": mask})
    letters = {place: token for token, place in VOCABULARY.items()}
    text, starts, step = "", [], 0
    for token, run in groupby(logits[0].argmax(axis=1).tolist()):
        length = len(list(run))
        letter = letters[token]
        if letter == "|":
            text += " "
        elif not letter.startswith("<"):
            if not text or text.endswith(" "):
                peak = logits[0, step : step + length]
                shares = np.exp(peak) / np.exp(peak).sum(axis=1, keepdims=True)
                starts.append((step + int(shares[:, token].argmax())) * 320 / RATE)
            text += letter.lower()
        step += length
    return " ".join(text.split()), starts


@asynccontextmanager
async def loaded(repository: Path, model: str, inline_below_s: float) -> AsyncIterator[Callable[[], ActiveCall]]:
    """A function that begins a call of a model of the repository, all of which is loaded."""
    with ThreadPoolExecutor(2) as executor:
        manager = ModelManager(repository, Loader(DOMAIN, executor, inline_below_s), StateBoard())
        await manager.load_all()
        try:
            served = await manager.obtain(model, "", "Recognize", None)
            yield lambda: ActiveCall(served, Terms(), executor)
        finally:
            await manager.close()


async def test_a_model_of_the_raw_waveform_with_a_vocab_json_is_served_by_its_model_yaml(repository: Path) -> None:
    random = np.random.default_rng(7)
    waveform = (0.3 * np.sin(np.cumsum(random.uniform(0.02, 0.6, RATE)))).astype("<f4")
    pcm = pb.PcmAudio(data=waveform.tobytes(), sample_rate_hz=RATE, sample_format=pb.SAMPLE_FORMAT_FP32)
    recognize = DOMAIN.methods["Recognize"]
    async with loaded(repository, "wav2vec2", 0.0005) as begin:
        answer = await recognize(pb.RecognizeRequest(audio=pb.Audio(pcm=pcm)), begin())
        one_sample = pb.Audio(pcm=pb.PcmAudio(data=bytes(2), sample_rate_hz=RATE))
        assert (await recognize(pb.RecognizeRequest(audio=one_sample), begin())).transcripts

    text, starts = by_hand(repository, waveform)
    assert len(text) > 10
    assert answer.transcripts[0].text == text
    assert [word.start.ToMilliseconds() / 1000 for word in answer.transcripts[0].words] == pytest.approx(
        starts, abs=1e-3
    )


async def test_pieces_of_many_streams_share_batches_and_each_hears_its_own(tmp_path: Path) -> None:
    shutil.copytree(MODELS / "speech/digits_and_commands", tmp_path / "digits_and_commands")
    samples, rate = soundfile.read(tmp_path / "digits_and_commands/golden/countdown.wav", dtype="int16")

    async def heard(call: ActiveCall, data: bytes) -> list[str]:
        async def others() -> AsyncIterator[pb.StreamingRecognizeRequest]:
            yield pb.StreamingRecognizeRequest(audio=data)

        config = pb.StreamingConfig(sample_rate_hz=rate, interim_results=pb.INTERIM_RESULTS_OMITTED)
        first = pb.StreamingRecognizeRequest(config=config)
        responses = DOMAIN.streams["StreamingRecognize"](first, others(), call)
        return [response.transcript.text async for response in responses]

    async with loaded(tmp_path, "digits_and_commands", 0.0) as begin:
        calls = [begin() for _ in range(6)]
        said, silent = samples.astype("<i2").tobytes(), bytes(2 * len(samples))
        texts = await asyncio.gather(*(heard(call, silent if n % 2 else said) for n, call in enumerate(calls)))

    assert texts == [["three two one go"], []] * 3
    assert min(call.batch_size for call in calls) > 1
