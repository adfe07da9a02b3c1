# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Train ``speech/digits_and_commands``: connected words, heard as they are spoken; needs the program ``espeak-ng``."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
from argosy.speech.v1 import speech_pb2 as pb
from commands import decode, encode
from common import MODELS, Array, Json, ModelFolder, metric, provenance
from connected_words import WORDS, speak_all, training_clips, utterances
from google.protobuf import json_format
from graph import Graph
from layers import weights
from log_mel import LogMel
from served import served
from spoken_words import HELDOUT_VOICES, RATE, TRAINING_VOICES, say, speak

SEED = 20261129
FEATURES = LogMel()
BLANK, SPACE = "<blank>", "|"
ALPHABET = [BLANK, SPACE, *sorted(set("".join(WORDS)))]
SPOKEN, COPIES = 4500, 2
EPOCHS, BATCH = 10, 64
#: Lengths, in frames, to which clips are padded with silence: few, because each is compiled anew.
LENGTHS = [150, 249, 399, 651]
WIDTH, DILATIONS = 96, (1, 2, 4, 8, 16, 1)
STRIDE = 3
#: Frames of one run of the saved graph: 0.24 s.
CHUNK = 24
TAIL_MS = 300.0
HELDOUT_UTTERANCES, DELAY_CLIPS = 100, 38
BEAM_WIDTH = 8

#: Calls a method of the served model.
Call = Callable[[str, Any], Any]

CARD = """
# digits_and_commands

Recognizes connected English words while they are spoken: {words}. A beam of letters
is held to these words (`words.txt`); greedy decoding is not, and misspells some.

Seven causal convolutions over time (the widest sees 2 s of the past, none sees ahead) on 40 log-mel bands (16 kHz,
frames of 25 ms every 10 ms), one step every 30 ms, trained in Keras with CTC. What a convolution has seen last is an
input and an output of the graph, so that audio can be heard in pieces.

**Data.** {spoken} phrases of 1 to 6 words, drawn at random, spoken by the speech synthesizer espeak-ng (1.51) in
{training_voices} of its voices and seven English accents, at random speed and pitch, with pauses or without, stretched
by 0.85 to 1.18, in white to brown noise (3 to 40 dB, one in four without), at random levels, and silences without any
word. In each epoch the features are drawn again: faster or slower, their bands shifted, in further noise. No human
voice is in it. espeak-ng is a program under GPL-3.0-or-later; its licence does not extend to the sound that it makes.
Licence of the clips: Apache-2.0.

**Quality.** Word error rate {clean:.4f} on {count} words in {utterances} phrases of {heldout_voices} further voices
({heldout_names}), and {noise:.4f} in white noise, 10 dB below the louder samples; greedy, without noise, {greedy:.4f}.
Measured as served on the encoded clips of `heldout.npz`: `data` uint8, Opus files one after the other, clip i from
`offsets[i]` to `offsets[i + 1]`; `texts`, the words. Times of words: letters are told {delay_ms:g} ms late in the
median, which `delay_ms` of model.yaml takes off.

**Limits.** Synthetic voices are far more alike than people, so real speech will be recognized much less well. Other
words come out as those that it knows, or as letters between.

**Licence of the weights.** Apache-2.0. Made by `examples/training/digits_and_commands.py`.
"""


def encoded(text: str) -> list[int]:
    """A text as places in the alphabet."""
    return [ALPHABET.index(letter) for letter in text.replace(" ", SPACE)]


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches of clips of about the same length, with bands and moments hidden at random."""

    def __init__(self, clips: list[Array], texts: list[str], seed: int) -> None:
        super().__init__()
        self._clips, self._texts = clips, [encoded(text) for text in texts]
        self._random = np.random.default_rng(seed)
        self._longest = max(map(len, self._texts))
        self._silent = np.float32(np.log(FEATURES.log_floor))
        self.on_epoch_end()

    def on_epoch_end(self) -> None:
        """Shuffles."""
        order = self._random.permutation(len(self._clips))
        groups: dict[int, list[int]] = {length: [] for length in LENGTHS}
        for index in order:
            length = next((each for each in LENGTHS if len(self._clips[index]) <= each), None)
            if length is not None:
                groups[length].append(int(index))
        found = [
            (length, chosen[start : start + BATCH])
            for length, chosen in groups.items()
            for start in range(0, len(chosen) - BATCH + 1, BATCH)
        ]
        self._batches = [found[place] for place in self._random.permutation(len(found))]

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, place: int) -> tuple[Array, Array]:
        length, chosen = self._batches[place]
        features = np.full((BATCH, length, FEATURES.mel_bins), self._silent, np.float32)
        labels = np.zeros((BATCH, self._longest), np.int32)
        for row, index in enumerate(chosen):
            clip = self._varied(self._clips[index].astype(np.float32), length)
            features[row, : len(clip)] = clip
            labels[row, : len(self._texts[index])] = self._texts[index]
        return features, labels

    def _varied(self, clip: Array, longest: int) -> Array:
        """The clip as another voice might say it elsewhere: faster or slower, of other formants, softer, in noise."""
        random = self._random
        count = min(round(len(clip) * random.uniform(0.88, 1.15)), longest)
        clip = warped(clip, np.linspace(0, len(clip) - 1, count))
        bands = np.arange(FEATURES.mel_bins) * random.uniform(0.92, 1.08) + random.uniform(-1.5, 1.5)
        clip = warped(clip.T, np.clip(bands, 0, FEATURES.mel_bins - 1)).T + random.uniform(-2.0, 1.0)
        power = np.exp(clip) + FEATURES.log_floor
        if random.random() < 0.5:
            power += self._noise(power)
        clip = np.log(power)
        self._hide(clip)
        return clip

    def _noise(self, power: Array) -> Array:
        """Power of noise in each band and frame, 0 to 30 dB below the louder frames, of a random tilt."""
        widths = FEATURES.filterbank.sum(axis=0)
        level = np.quantile(power.sum(axis=1), 0.8) * 10 ** (-self._random.uniform(0, 30) / 10)
        tilt = widths * np.exp(self._random.uniform(-3, 0.5) * np.linspace(0, 1, FEATURES.mel_bins))
        shapes = np.broadcast_to(np.maximum(widths, 1), power.shape)
        return np.asarray(self._random.standard_gamma(shapes) / shapes * (level * tilt / tilt.sum()), np.float32)

    def _hide(self, clip: Array) -> None:
        mean = clip.mean()
        low, high = self._random.integers(0, FEATURES.mel_bins), self._random.integers(0, 8)
        clip[:, low : low + high] = mean
        start, count = self._random.integers(0, len(clip)), self._random.integers(0, 8)
        clip[start : start + count] = mean


def warped(values: Array, places: Array) -> Array:
    """Rows at places between rows."""
    below = np.minimum(places.astype(int), len(values) - 2)
    share = (places - below)[:, None].astype(np.float32)
    return np.asarray(values[below] * (1 - share) + values[below + 1] * share)


class Causal(keras.layers.Layer):  # type: ignore[misc]
    """A convolution over time that sees the present and ``taps - 1`` earlier steps, ``dilation`` apart, then ReLU."""

    def __init__(self, units: int, taps: int, dilation: int) -> None:
        super().__init__()
        self.units, self.taps, self.dilation = units, taps, dilation

    @property
    def past(self) -> int:
        """Earlier steps that it needs."""
        return (self.taps - 1) * self.dilation

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make the weights."""
        self.kernel = self.add_weight((self.taps * shape[-1], self.units), "he_normal", name="kernel")
        self.bias = self.add_weight((self.units,), "zeros", name="bias")

    def call(self, steps: Any) -> Any:
        """From [batch, steps, values] to [batch, steps, units]."""
        count = steps.shape[1]
        padded = keras.ops.pad(steps, [[0, 0], [self.past, 0], [0, 0]])
        seen = [padded[:, tap * self.dilation : tap * self.dilation + count] for tap in range(self.taps)]
        return keras.ops.relu(keras.ops.concatenate(seen, axis=-1) @ self.kernel + self.bias)


def network(mean: Array, variance: Array, steps: int) -> keras.Model:
    """The untrained network: it never looks ahead, and answers every :data:`STRIDE` frames."""
    layers = keras.layers
    features = layers.Input((None, FEATURES.mel_bins))
    tensor = layers.Normalization(mean=mean, variance=variance)(features)
    tensor = layers.Reshape((-1, STRIDE * FEATURES.mel_bins))(tensor)
    tensor = Causal(WIDTH, 2, 1)(tensor)
    for dilation in DILATIONS:
        block = Causal(WIDTH, 3, dilation)(layers.LayerNormalization()(tensor))
        tensor = layers.Add()([tensor, layers.Dropout(0.1)(block)])
    logits = layers.Dense(len(ALPHABET), name="logits")(layers.LayerNormalization()(tensor))
    model = keras.Model(features, logits)
    rate = keras.optimizers.schedules.CosineDecay(2e-4, steps, warmup_target=3e-3, warmup_steps=steps // 16, alpha=0.01)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=1e-3, global_clipnorm=1.0), keras.losses.CTC())
    return model


def training_set(cache: Path) -> tuple[list[Array], list[str]]:
    """Features and texts of the training clips; kept in the cache."""
    file = cache / "training.npz"
    if not file.exists():
        random = np.random.default_rng(SEED)
        wanted = utterances(SPOKEN, TRAINING_VOICES, random)
        clips, texts = training_clips(speak_all(wanted), [one.text for one in wanted], COPIES, FEATURES, random)
        offsets = np.cumsum([0, *map(len, clips)])
        np.savez(file, frames=np.concatenate(clips), offsets=offsets, texts=np.array(texts))
    with np.load(file) as kept:
        frames, offsets, said = kept["frames"], kept["offsets"], kept["texts"]
    return [frames[start:end] for start, end in pairwise(offsets)], [str(text) for text in said]


def trained(cache: Path) -> keras.Model:
    """The trained network; goes on where an earlier run with the same cache was stopped."""
    clips, texts = training_set(cache)
    batches = Batches(clips, texts, SEED)
    sample = np.concatenate(clips[:2000]).astype(np.float32)
    model = network(sample.mean(axis=0), sample.var(axis=0), EPOCHS * len(batches))
    weights = cache / "trained.weights.h5"
    if weights.exists():
        model.load_weights(weights)
        return model
    resume = keras.callbacks.BackupAndRestore(cache / "epochs", delete_checkpoint=False)
    model.fit(batches, epochs=EPOCHS, verbose=2, callbacks=[resume])
    model.save_weights(weights)
    return model


def export(model: keras.Model) -> tuple[onnx.ModelProto, list[Json]]:
    """The trained network as ONNX, and the ``states`` of model.yaml: what each convolution has seen last."""
    graph = Graph("digits_and_commands")
    features = graph.input("features", ["batch", "frames", FEATURES.mel_bins])
    normalization, *others = [layer for layer in model.layers if layer.get_weights() or "normalization" in layer.name]
    mean, deviation = (np.asarray(value, np.float32) for value in (normalization.mean, normalization.variance**0.5))
    tensor = graph.apply("Div", graph.apply("Sub", features, graph.constant(mean)), graph.constant(deviation))
    tensor = graph.apply("Reshape", tensor, graph.integers(0, -1, STRIDE * FEATURES.mel_bins))
    states: list[Json] = []
    causal = [layer for layer in others if isinstance(layer, Causal)]
    normalizing = [layer for layer in others if isinstance(layer, keras.layers.LayerNormalization)]
    tensor = convolved(graph, tensor, causal[0], states)
    for layer, norm in zip(causal[1:], normalizing[:-1], strict=True):
        tensor = graph.apply("Add", tensor, convolved(graph, normalized(graph, tensor, norm), layer, states))
    kernel, bias = weights(model.get_layer("logits"))
    logits = graph.apply("MatMul", normalized(graph, tensor, normalizing[-1]), graph.constant(kernel))
    graph.output(graph.apply("Add", logits, graph.constant(bias)), "logits", ["batch", "steps", len(ALPHABET)])
    return graph.build(), states


def normalized(graph: Graph, tensor: str, layer: keras.layers.LayerNormalization) -> str:
    """Layer normalization over the values of each step."""
    scale, bias = (graph.constant(value) for value in weights(layer))
    return graph.apply("LayerNormalization", tensor, scale, bias, axis=-1, epsilon=layer.epsilon)


def convolved(graph: Graph, tensor: str, layer: Causal, states: list[Json]) -> str:
    """A convolution of which the earlier steps come from a state; that of the next run is added to ``states``."""
    kernel, bias = weights(layer)
    values = len(kernel) // layer.taps
    name = f"seen_{len(states)}"
    end = graph.integers(np.iinfo(np.int64).max)
    axis = graph.integers(1)
    seen = graph.apply("Concat", graph.input(name, ["batch", layer.past, values]), tensor, axis=1)
    states.append({"input": name, "output": f"{name}_next"})
    kept = graph.apply("Slice", seen, graph.integers(-layer.past), end, axis)
    graph.output(kept, f"{name}_next", ["batch", layer.past, values])
    taps = [
        graph.apply(
            "Slice",
            seen,
            graph.integers(tap * layer.dilation),
            graph.integers((tap + 1 - layer.taps) * layer.dilation) if tap + 1 < layer.taps else end,
            axis,
        )
        for tap in range(layer.taps)
    ]
    product = graph.apply("MatMul", graph.apply("Concat", *taps, axis=-1), graph.constant(kernel))
    return graph.apply("Relu", graph.apply("Add", product, graph.constant(bias)))


def word_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Words that must be put in, taken out or replaced to make one of the other."""
    row = list(range(len(heard) + 1))
    for count, word in enumerate(said, 1):
        corner, row[0] = row[0], count
        for place, other in enumerate(heard, 1):
            corner, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, corner + (word != other))
    return row[-1]


def request(waveform: Array, beam_width: int = 0) -> pb.RecognizeRequest:
    """The call that recognizes a clip."""
    pcm = pb.PcmAudio(data=waveform.astype("<f4").tobytes(), sample_rate_hz=RATE, sample_format=pb.SAMPLE_FORMAT_FP32)
    return pb.RecognizeRequest(audio=pb.Audio(pcm=pcm), decoding=pb.DecodingOptions(beam_width=beam_width))


def error_rate(call: Call, clips: list[Array], texts: list[str], beam_width: int = 0) -> float:
    """Wrong words, as a share of those that were said."""
    wrong = 0
    for clip, text in zip(clips, texts, strict=True):
        heard = call("Recognize", request(clip, beam_width)).transcripts[0].text
        wrong += word_errors(text.split(), heard.split())
    return wrong / sum(len(text.split()) for text in texts)


def delay_ms(call: Call) -> float:
    """How late letters are told: the median over words that were spoken one by one, at known times."""
    random = np.random.default_rng(SEED + 2)
    late: list[float] = []
    for number in range(DELAY_CLIPS):
        voice = TRAINING_VOICES[number % len(TRAINING_VOICES)]
        words = [say(str(word), voice, random) for word in random.choice(WORDS, 4)]
        gap = np.zeros(RATE // 4, np.float32)
        starts = np.cumsum([len(gap), *(len(word) + len(gap) for word in words)])[:-1] / RATE
        clip = 0.5 * np.concatenate([gap, *(part for word in words for part in (word, gap))])
        heard = call("Recognize", request(clip)).transcripts[0].words
        if len(heard) == len(words):
            for word, found, start in zip(words, heard, starts, strict=True):
                late += [found.start.ToMilliseconds() - 1000 * start]
                late += [found.end.ToMilliseconds() - 1000 * (start + len(word) / RATE)]
    return float(round(np.median(late)))


def heldout_set(random: np.random.Generator) -> tuple[list[bytes], list[str]]:
    """Opus files of utterances in held-out voices between short silences, and the words."""
    wanted = utterances(HELDOUT_UTTERANCES, HELDOUT_VOICES, random)
    clips = []
    for speech in speak_all(wanted):
        clip = np.pad(0.5 * speech, [int(RATE * random.uniform(0.1, 0.4)) for _ in range(2)])
        clips.append(encode(clip, "OGG", "OPUS"))
    return clips, [one.text for one in wanted]


def noisy(waveform: Array, seed: int) -> Array:
    """The clip in white noise, 10 dB below the power of its louder samples."""
    loud = waveform[np.abs(waveform) > 0.02 * np.abs(waveform).max()]
    level = np.sqrt(np.mean(loud.astype(np.float64) ** 2)) * 10 ** (-10 / 20)
    return np.asarray(waveform + level * np.random.default_rng(seed).standard_normal(len(waveform)), np.float32)


def write_golden(folder: ModelFolder, call: Call) -> Json:
    """The golden sample: "three two one go" in a held-out voice."""
    speech = speak("three two one go", HELDOUT_VOICES[0], "en-us", words_per_minute=140, pitch=50)
    clip = encode(np.pad(0.5 * speech, RATE // 5), "WAV", "PCM_16")
    (folder.path / "golden" / "countdown.wav").write_bytes(clip)
    response = call("Recognize", pb.RecognizeRequest(audio=pb.Audio(encoded=clip)))
    asked = {"audio": {"encoded": {"$file": "golden/countdown.wav"}}}
    return folder.write_golden("countdown", "Recognize", asked, json_format.MessageToDict(response), tolerance=1e-2)


def config(states: list[Json], delay: float, golden: list[Json], metrics: list[Json]) -> Json:
    """The contents of model.yaml."""
    features = {key: value for key, value in asdict(FEATURES).items() if key != "clip_seconds"}
    return {
        "name": "digits_and_commands",
        "description": f"Recognizes connected words while they are spoken: {', '.join(WORDS)}.",
        "methods": ["Recognize", "StreamingRecognize", "DetectSpeech"],
        "default_for": ["Recognize", "StreamingRecognize", "DetectSpeech"],
        "speech": {
            "input": "features",
            "features": "log_mel",
            **features,
            "normalize": "none",
            "recognize": {
                "output": "logits",
                "scores": "logits",
                "alphabet_file": "alphabet.txt",
                "blank": ALPHABET.index(BLANK),
                "word_delimiter": SPACE,
                "vocabulary_file": "words.txt",
                "stride": STRIDE,
                "states": states,
                "chunk": CHUNK,
                "tail_ms": TAIL_MS,
                "delay_ms": delay,
                "beam_width": BEAM_WIDTH,
                "languages": ["en"],
            },
        },
        "provenance": provenance(
            "digits_and_commands.py", "Generated: phrases spoken by espeak-ng in many voices", "Apache-2.0"
        ),
        "metrics": metrics,
        "golden": golden,
    }


def main() -> None:
    """Generate the clips, train, export, measure and write the model folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=MODELS / "speech/digits_and_commands", help="model folder")
    parser.add_argument("--cache", type=Path, help="folder that keeps clips and epochs, so that a run can be resumed")
    options = parser.parse_args()
    folder = ModelFolder(options.output, "digits_and_commands.py")
    keras.utils.set_random_seed(SEED)
    with tempfile.TemporaryDirectory() as temporary:
        cache = options.cache or Path(temporary)
        cache.mkdir(parents=True, exist_ok=True)
        graph, states = export(trained(cache))
    folder.write_graph(graph)
    folder.write_lines("alphabet.txt", ALPHABET)
    folder.write_lines("words.txt", WORDS)
    clips, texts = heldout_set(np.random.default_rng(SEED + 1))
    offsets = np.cumsum([0, *map(len, clips)], dtype=np.int64)
    data = np.frombuffer(b"".join(clips), dtype=np.uint8)
    np.savez(folder.path / "heldout.npz", data=data, offsets=offsets, texts=np.array(texts))
    folder.write_config(config(states, 0.0, [], []))
    waveforms = [decode(clip) for clip in clips]
    noise = [noisy(waveform, seed) for seed, waveform in enumerate(waveforms)]
    count = sum(len(text.split()) for text in texts)
    with served(folder.path, "speech") as call:
        delay = delay_ms(call)
        rates = {
            "held-out": error_rate(call, waveforms, texts),
            "held-out, 10 dB SNR": error_rate(call, noise, texts),
            "held-out, greedy": error_rate(call, waveforms, texts, beam_width=1),
        }
    metrics = [metric("word_error_rate", rate, count, split) for split, rate in rates.items()]
    folder.write_config(config(states, delay, [], metrics))
    with served(folder.path, "speech") as call:
        golden = [write_golden(folder, call)]
    folder.write_config(config(states, delay, golden, metrics))
    card = CARD.format(
        words=", ".join(WORDS),
        spoken=SPOKEN,
        training_voices=len(TRAINING_VOICES),
        clean=rates["held-out"],
        noise=rates["held-out, 10 dB SNR"],
        greedy=rates["held-out, greedy"],
        count=count,
        utterances=len(clips),
        heldout_voices=len(HELDOUT_VOICES),
        heldout_names=", ".join(HELDOUT_VOICES),
        delay_ms=delay,
    )
    folder.write_card(card)


if __name__ == "__main__":
    main()
