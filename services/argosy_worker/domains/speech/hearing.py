# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Running a CTC acoustic model: a whole clip at once, or piece by piece with state tensors between the pieces."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import (
    ANY,
    FLOATS,
    NUMBERS,
    Port,
    check_no_other_inputs,
    input_port,
    invalid,
    output_port,
    required,
)
from argosy_worker.domains._shared.outputs import finite_output
from argosy_worker.domains.speech.alphabet import Alphabet, load_alphabet
from argosy_worker.domains.speech.features import LogMel, normalized
from argosy_worker.domains.speech.lexicon import Lexicon, load_lexicon
from argosy_worker.domains.speech.sound import Waveform
from argosy_worker.engines.port import Tensors
from argosy_worker.lifecycle.domain import Call, LoadedGraph
from argosy_worker.repository.sections.speech import RecognizeSection, SpeechSection

#: Natural logarithms of the probabilities of tokens, [steps, tokens].
LogProbabilities = NDArray[np.float64]

#: Shorter clips are lengthened by silence, since a convolution needs something to see. In seconds.
_LEAST_S = 0.1
_KEY = "speech.recognize"


@dataclass(frozen=True, slots=True)
class State:
    """A tensor that one run hands to the next."""

    port: Port
    output: str


@dataclass(frozen=True, slots=True)
class Ctc:
    """One model's contract, checked against its graph."""

    section: RecognizeSection
    rate_hz: int
    normalize: bool
    port: Port
    log_mel: LogMel | None
    alphabet: Alphabet
    lexicon: Lexicon | None
    states: tuple[State, ...]
    mask: Port | None
    hop: int
    """Samples for one frame of the input; 1 for waveforms."""
    overlap: int
    """Samples that a frame needs beyond its hop."""

    @property
    def step_s(self) -> float:
        """Time between two steps of the output, in seconds."""
        return self.section.stride * self.hop / self.rate_hz

    @property
    def tail(self) -> Waveform:
        """Silence after the end of the audio."""
        return np.zeros(round(self.section.tail_ms / 1000 * self.rate_hz), np.float32)

    def features(self, waveform: Waveform) -> NDArray[Any]:
        """The graph's input for one clip or piece, without the batch."""
        found: NDArray[Any] = waveform if self.log_mel is None else self.log_mel(waveform)
        if self.normalize:
            found = normalized(found)
        return found.astype(self.port.dtype, copy=False)

    def whole(self, waveform: Waveform) -> Tensors:
        """The inputs of a model without states for a whole clip."""
        least = max(round(_LEAST_S * self.rate_hz), self.hop + self.overlap) - len(waveform) - len(self.tail)
        features = self.features(np.concatenate([waveform, self.tail, np.zeros(max(least, 0), np.float32)]))[None]
        inputs: dict[str, NDArray[Any]] = {self.port.name: features}
        if self.mask is not None:
            inputs[self.mask.name] = np.ones(features.shape[:2], self.mask.dtype)
        return inputs

    def read(self, outputs: Tensors, steps: int = ANY) -> LogProbabilities:
        """Reads the output for one item, of so many steps; ANY reads what there is.

        Raises:
            argosy_worker.errors.EngineFault: the output is not as declared, or not finite.
        """
        scores = finite_output(outputs, self.section.output, (1, steps, len(self.alphabet.tokens)))[0]
        values: LogProbabilities = scores.astype(np.float64)
        if self.section.scores == "logits":
            values = values - values.max(axis=1, keepdims=True, initial=0.0)
            values -= np.log(np.exp(values).sum(axis=1, keepdims=True))
        return values

    async def hear(self, waveform: Waveform, call: Call, heard: Callable[[LogProbabilities], None]) -> None:
        """Runs the model on a clip; ``heard`` gets the steps in order, some at a time.

        Raises:
            argosy_worker.errors.ArgosyError: see :meth:`Call.infer`.
        """
        if self.states:
            hearing = Hearing(self)
            pieces = await call.offload(hearing.pieces, waveform, True, payload_bytes=waveform.nbytes)
            for piece in pieces:
                heard(await hearing.run(piece, call))
            return
        inputs = await call.offload(self.whole, waveform, payload_bytes=waveform.nbytes)
        length = inputs[self.port.name].shape[1]
        heard(self.read(await call.infer(inputs))[: -(-length // self.section.stride)])


class Hearing:
    """One stream of audio through a model with states: what is left of the waveform, and the states."""

    def __init__(self, ctc: Ctc) -> None:
        self._ctc = ctc
        self._chunk = ctc.section.chunk or 0
        self._left: Waveform = np.zeros(0, np.float32)
        self._states: dict[str, NDArray[Any]] = {
            state.port.name: np.zeros((1, *(state.port.item_shape or ())), state.port.dtype) for state in ctc.states
        }

    def pieces(self, waveform: Waveform, last: bool) -> list[NDArray[Any]]:
        """The inputs that the waveform completes, each [1, chunk, ...]; ``last`` adds the tail, and fills the last."""
        ctc, step = self._ctc, self._chunk * self._ctc.hop
        left = np.concatenate([self._left, waveform, *([ctc.tail] if last else [])])
        count = max(len(left) - ctc.overlap, 0) // step
        if last:
            count = -(-len(left) // step)
            left = np.pad(left, (0, max(count * step + ctc.overlap - len(left), 0)))
        self._left = left[count * step :]
        if not count:
            return []
        features = ctc.features(left[: count * step + ctc.overlap])
        return list(features.reshape(count, 1, self._chunk, *features.shape[1:]))

    async def run(self, piece: NDArray[Any], call: Call) -> LogProbabilities:
        """Runs the model on the next piece.

        Raises:
            argosy_worker.errors.ArgosyError: see :meth:`Call.infer`.
        """
        ctc = self._ctc
        outputs = await call.infer({ctc.port.name: piece, **self._states})
        for state in ctc.states:
            shape = (1, *(state.port.item_shape or ()))
            self._states[state.port.name] = finite_output(outputs, state.output, shape)
        return ctc.read(outputs, self._chunk // ctc.section.stride)


def prepare_ctc(graph: LoadedGraph, speech: SpeechSection, log_mel: LogMel | None) -> Ctc:
    """Checks a model against the contract.

    Raises:
        argosy_worker.errors.ModelInvalid: configuration, files and graph do not fit together.
    """
    section = required(speech.recognize, _KEY, "the methods Recognize and StreamingRecognize")
    alphabet = load_alphabet(graph, section)
    shape = (ANY,) if log_mel is None else (ANY, speech.mel_bins)
    port = input_port(graph, "speech.input", speech.input, shape, FLOATS)
    output_port(graph, f"{_KEY}.output", section.output, (ANY, len(alphabet.tokens)))
    mask = None
    if section.attention_mask is not None:
        mask = input_port(graph, f"{_KEY}.attention_mask", section.attention_mask, (ANY,), NUMBERS)
    states = tuple(_state(graph, index, each.input, each.output) for index, each in enumerate(section.states))
    check_no_other_inputs(graph, _KEY, [port.name, *([mask.name] if mask else []), *(one.port.name for one in states)])
    if bool(states) != (section.chunk is not None):
        raise invalid(f"{_KEY}.chunk", "must be set where states are, and only there")
    if states and (section.chunk or 0) % section.stride:
        raise invalid(f"{_KEY}.chunk", f"must be a multiple of stride, {section.stride}")
    if states and speech.normalize != "none":
        raise invalid("speech.normalize", "must be none for a model with states, which never sees a whole clip")
    if states and mask:
        raise invalid(f"{_KEY}.attention_mask", "has no meaning for a model with states")
    if "StreamingRecognize" in graph.config.methods and not states:
        raise invalid(f"{_KEY}.states", "must be set for the method StreamingRecognize")
    hop = 1 if log_mel is None else log_mel.hop_samples
    return Ctc(
        section=section,
        rate_hz=speech.sample_rate_hz,
        normalize=speech.normalize == "per_clip",
        port=port,
        log_mel=log_mel,
        alphabet=alphabet,
        lexicon=load_lexicon(graph, section.vocabulary_file, alphabet) if section.vocabulary_file else None,
        states=states,
        mask=mask,
        hop=hop,
        overlap=0 if log_mel is None else max(len(log_mel.hann) - hop, 0),
    )


def _state(graph: LoadedGraph, index: int, name: str, output: str) -> State:
    key = f"{_KEY}.states[{index}]"
    spec = next((one for one in graph.inputs if one.name == name), None)
    rank = max(len(spec.shape) - 1, 0) if spec else 0
    port = input_port(graph, f"{key}.input", name, (ANY,) * rank, FLOATS)
    if port.item_shape is None or ANY in port.item_shape:
        raise invalid(f"{key}.input", f"{name!r} must have a shape that is fixed but for the batch")
    output_port(graph, f"{key}.output", output, port.item_shape)
    return State(port, output)
