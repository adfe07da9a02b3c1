# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What measuring any model needs: held-out samples, what was recorded, calls in parts."""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import yaml
from argosy_client import Argosy
from numpy.typing import NDArray

MODELS = Path(__file__).resolve().parents[2] / "models"
#: Models that are too large to be checked in, and so are not everywhere.
TOO_LARGE = frozenset({"nlp/minilm"})

#: Name and split of a figure.
Figure = tuple[str, str]
Figures = dict[Figure, float]
#: Measures all figures of a model.
Measure = Callable[[Argosy], Figures]
#: The arrays of an ``.npz`` by name.
Arrays = dict[str, NDArray[Any]]

Result = TypeVar("Result")


def checked_in() -> list[str]:
    """The models that come with Argosy as ``domain/name``, in order."""
    found = (str(path.parent.relative_to(MODELS)) for path in MODELS.glob("*/*/model.yaml"))
    return sorted(set(found) - TOO_LARGE)


def configuration(model: str) -> dict[str, Any]:
    """A model's model.yaml."""
    read: dict[str, Any] = yaml.safe_load((MODELS / model / "model.yaml").read_text("utf-8"))
    return read


def recorded(model: str) -> Figures:
    """The figures in a model's model.yaml, baselines among them."""
    return {(each["name"], each["split"]): each["value"] for each in configuration(model).get("metrics") or ()}


def sample_counts(model: str) -> dict[Figure, int]:
    """On how many samples each figure in model.yaml was measured."""
    metrics = configuration(model).get("metrics") or ()
    return {(each["name"], each["split"]): each["sample_count"] for each in metrics}


def rows(path: str) -> list[dict[str, Any]]:
    """Held-out samples in JSON, at a path below ``models/``."""
    found: list[dict[str, Any]] = json.loads((MODELS / path).read_text("utf-8"))
    return found


def arrays(path: str) -> Arrays:
    """Held-out samples in NumPy's format, at a path below ``models/``."""
    with np.load(MODELS / path) as held_out:
        return dict(held_out)


def files(held_out: Arrays) -> list[bytes]:
    """Encoded files that are stored one after the other in ``data``, from and to ``offsets``."""
    return [held_out["data"][start:end].tobytes() for start, end in pairwise(held_out["offsets"])]


def in_parts(samples: Any, size: int, ask: Callable[[Any], Sequence[Result]]) -> Iterator[Result]:
    """What ``ask`` says of each sample, asked for ``size`` of them at a time."""
    for start in range(0, len(samples), size):
        yield from ask(samples[start : start + size])


def share(values: Any) -> float:
    """How many of the values are true, from 0 to 1."""
    return float(np.mean(values))
