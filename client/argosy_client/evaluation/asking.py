# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Asks the fleet about labelled cases."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
from argosy.speech.v1 import speech_pb2
from numpy.typing import NDArray

from argosy_client import Argosy
from argosy_client.calls import Call
from argosy_client.inputs import audio
from argosy_client.results import Label, Timing
from argosy_client.tabular_results import TabularResult

T = TypeVar("T")
#: Items in one call, and calls at a time.
ITEMS = 64
CALLS = 4
#: Items recommended, as the figures count them.
RANKS = 10


def classes(fleet: Argosy, domain: str, model: str, version: str | None, inputs: list[Any], count: int) -> NDArray[Any]:
    """Scores of every class, float64 [cases, classes].

    Args:
        count: Classes of the model; 0 where it does not say.
    """
    top_k = count or 1000
    if domain == "speech":
        speech = fleet.speech
        found = _each(inputs, lambda clip: speech.classify(clip, model=model, version=version, top_k=top_k).labels)
    else:
        ask: Any = fleet.vision if domain == "vision" else fleet.nlp
        results = _batches(inputs, lambda part: ask.classify(part, model=model, version=version, top_k=top_k))
        found = [result.labels for result in results]
    return _matrix(found, count)


def predictions(fleet: Argosy, model: str, version: str | None, inputs: list[Any]) -> list[TabularResult]:
    """Predictions for rows, or for arrays of one shape."""

    def ask(part: list[Any]) -> list[TabularResult]:
        rows: Any = np.stack(part) if isinstance(part[0], np.ndarray) else part
        results: list[TabularResult] = fleet.tabular.predict(rows, model=model, version=version)
        return results

    return _batches(inputs, ask)


def scores(results: Sequence[TabularResult], count: int) -> NDArray[Any]:
    """Scores of every class, float64 [cases, classes]."""
    return _matrix([result.classes for result in results], count)


def recommendations(fleet: Argosy, model: str, version: str | None, histories: list[list[str]]) -> list[list[str]]:
    """Ids of the best items for each history."""

    def ask(history: list[str]) -> list[str]:
        found = fleet.recommendation.recommend(history, model=model, version=version, top_k=RANKS)
        return [item.item_id for item in found]

    return _each(histories, ask)


def transcripts(send: Callable[[Call[str]], str], model: str, version: str | None, clips: list[Any]) -> list[str]:
    """What was heard in each clip."""

    def read(answer: speech_pb2.RecognizeResponse, timing: Timing) -> str:
        return str(answer.transcripts[0].text) if answer.transcripts else ""

    def ask(clip: Any) -> str:
        request = speech_pb2.RecognizeRequest(model=model, version=version or "", audio=audio(clip))
        path = "/argosy.speech.v1.SpeechService/Recognize"
        return send(Call(path, request, speech_pb2.RecognizeResponse, read, model))

    return _each(clips, ask)


def tensors(
    fleet: Argosy, model: str, version: str | None, inputs: dict[str, NDArray[Any]], output: str | None
) -> NDArray[Any]:
    """One output for all cases: the named one, else the first of numbers with a row of its own for each."""
    count = len(next(iter(inputs.values())))
    parts = []
    for start in range(0, count, ITEMS // 2):
        part = {name: array[start : start + ITEMS // 2] for name, array in inputs.items()}
        outputs = fleet.tensors.infer(model, part, version=version).outputs
        chosen = output or next(
            (name for name, one in outputs.items() if one.dtype.kind == "f" and one.ndim <= 2), None
        )
        if chosen is None or chosen not in outputs:
            raise ValueError(f"'{model}' has no such output; it has {', '.join(outputs)}")
        parts.append(outputs[chosen])
    return np.concatenate(parts)


def _batches(inputs: list[Any], ask: Callable[[list[Any]], Sequence[T]]) -> list[T]:
    parts = [inputs[start : start + ITEMS] for start in range(0, len(inputs), ITEMS)]
    return [result for results in _each(parts, ask) for result in results]


def _each(inputs: Sequence[Any], ask: Callable[[Any], T]) -> list[T]:
    with ThreadPoolExecutor(CALLS, thread_name_prefix="argosy") as pool:
        return list(pool.map(ask, inputs))


def _matrix(found: Sequence[Sequence[Label]], count: int) -> NDArray[Any]:
    width = count or 1 + max(label.index for labels in found for label in labels)
    matrix = np.zeros((len(found), width))
    for row, labels in zip(matrix, found, strict=True):
        for label in labels:
            row[label.index] = label.score
    return matrix
