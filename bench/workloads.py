# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Real models with items that differ from one another: how each becomes a request, and the batches of a bare loop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from argosy import v2
from numpy.typing import NDArray

from bench import resnet, text_encoder
from bench.resnet import ResNet
from bench.text_encoder import TextEncoder

PATH = f"/{v2.SERVICE}/ModelInfer"
_DATATYPES = {"uint8": "UINT8", "int64": "INT64"}

#: Inputs of a run by name, items along the first dimension.
Batch = dict[str, NDArray[np.integer]]


class WrongReply(Exception):
    """An answer with status OK that is not the request's own."""


@dataclass(frozen=True, slots=True)
class Workload:
    """A model and what it is asked."""

    name: str
    yaml: str
    write_graph: Callable[[Path], None]
    output: str
    items: Sequence[Batch]
    """One item each."""
    tolerance: float

    def write(self, repository: Path) -> Path:
        """Writes the model into a repository; returns the graph's path."""
        graph = repository / self.name / "1" / "model.onnx"
        self.write_graph(graph)
        (repository / self.name / "model.yaml").write_text(self.yaml, "utf-8")
        return graph

    def requests(self) -> list[bytes]:
        """Each item as a V2 request."""
        return [self._request(item) for item in self.items]

    def check(self, reply: bytes, expected: NDArray[np.float32]) -> None:
        """Raises WrongReply unless the reply holds these values."""
        (content,) = v2.message("ModelInferResponse").FromString(reply).raw_output_contents
        values = np.frombuffer(content, np.float32)
        if values.shape != expected.shape or not np.allclose(values, expected, atol=self.tolerance):
            raise WrongReply("the answer is another's, or wrong")

    def _request(self, item: Batch) -> bytes:
        message = v2.message("ModelInferRequest")(model_name=self.name)
        for name, array in item.items():
            message.inputs.add(name=name, datatype=_DATATYPES[array.dtype.name], shape=array.shape)
            message.raw_input_contents.append(array.tobytes())
        serialized: bytes = message.SerializeToString()
        return serialized


def images(layers: int, count: int, batch: int, execution: str) -> Workload:
    """A residual network and random images of 224 x 224."""
    network, random = ResNet(layers), np.random.default_rng(1)
    shape = (1, resnet.CHANNELS, resnet.SIZE, resnet.SIZE)
    items = [{resnet.INPUT: random.integers(0, 256, shape, np.uint8)} for _ in range(count)]
    yaml = f"batching: {{max_batch_size: {batch}}}\nexecution: {execution}\n"
    return Workload(network.name, yaml, network.write, resnet.OUTPUT, items, 1e-3)


def texts(encoder: TextEncoder, count: int, batch: int, step: int, longest: int, execution: str) -> Workload:
    """An encoder and random texts, their lengths evenly distributed from 8 to ``longest``; buckets of ``step``."""
    random = np.random.default_rng(2)
    lengths = random.integers(8, longest, count, endpoint=True)
    items = [_text(random.integers(1, text_encoder.VOCABULARY, (1, length))) for length in lengths]
    buckets = list(range(step, longest + step, step))
    named = f"{{{text_encoder.IDS}: 0, {text_encoder.MASK}: 0}}"
    yaml = (
        f"batching: {{max_batch_size: {batch}, sequences: {{inputs: {named}, buckets: {buckets}}}}}\n"
        f"execution: {execution}\n"
    )
    return Workload(encoder.name, yaml, encoder.write, text_encoder.OUTPUT, items, 1e-3)


def _text(ids: NDArray[np.integer]) -> Batch:
    return {text_encoder.IDS: ids, text_encoder.MASK: np.ones_like(ids)}


def batches(items: Sequence[Batch], size: int, longest: int = 0) -> list[Batch]:
    """Stacks items in their order; sequences are padded with 0 to ``longest``, or to the longest of their batch."""
    return [_stacked(items[start : start + size], longest) for start in range(0, len(items), size)]


def by_length(items: Sequence[Batch]) -> list[Batch]:
    """Returns the items, short ones first."""
    return sorted(items, key=lambda item: next(iter(item.values())).shape[1])


def _stacked(items: Sequence[Batch], longest: int) -> Batch:
    stacked = {}
    for name, first in items[0].items():
        arrays = [item[name] for item in items]
        if first.ndim != 2:
            stacked[name] = np.concatenate(arrays)
            continue
        length = longest or max(array.shape[1] for array in arrays)
        stacked[name] = np.concatenate([np.pad(array, ((0, 0), (0, length - array.shape[1]))) for array in arrays])
    return stacked
