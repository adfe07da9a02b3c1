# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A model on the simulated accelerator, and calls to it whose every answer can be told from every other."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from argosy import v2

from bench.generator import Ask

NAME = "simulated"
WIDTH = 4
PATH = f"/{v2.SERVICE}/ModelInfer"


@dataclass(frozen=True, slots=True)
class Device:
    """A device that takes ``fixed_ms + item_ms * n`` for n items, at most ``batch``."""

    fixed_ms: float
    item_ms: float
    batch: int

    @property
    def full_batch_s(self) -> float:
        """Time of a full batch, in seconds."""
        return (self.fixed_ms + self.item_ms * self.batch) / 1e3

    @property
    def limit(self) -> float:
        """Most items in a second."""
        return self.batch / self.full_batch_s

    def __str__(self) -> str:
        return f"{self.fixed_ms:g} ms + {self.item_ms:g} ms x n, batch {self.batch}"

    def write(self, repository: Path) -> None:
        """Writes the model into a repository."""
        folder = repository / NAME
        (folder / "1").mkdir(parents=True)
        (folder / "model.yaml").write_text(
            f"batching: {{max_batch_size: {self.batch}, max_queue: 100000}}\n"
            "execution:\n"
            "  engine: simulated\n"
            f"  parameters: {{fixed_ms: {float(self.fixed_ms)}, item_ms: {float(self.item_ms)}, width: {WIDTH}.0}}\n",
            "utf-8",
        )


def ask(address: str, tenant: str = "") -> Ask:
    """Asks for one item; each request's is another, and an answer that does not hold it is wrong."""
    item = np.arange(WIDTH, dtype="<f4").tobytes()
    message = v2.message("ModelInferRequest")(model_name=NAME)
    message.inputs.add(name="x", datatype="FP32", shape=(1, WIDTH))
    message.raw_input_contents.append(item)
    request: bytes = message.SerializeToString()
    return Ask(address, PATH, request, metadata(tenant), mark=request.index(item), marked=len(item))


def metadata(tenant: str) -> tuple[tuple[str, str], ...]:
    """What every call says beside the message."""
    return (("x-model", NAME), ("argosy-tenant", tenant)) if tenant else (("x-model", NAME),)
