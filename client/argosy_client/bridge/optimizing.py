# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Makes smaller variants of a served model, measures them beside it, and adds them as versions that nobody gets yet."""

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_client import Argosy
from argosy_client.bridge import edit, golden, variants
from argosy_client.bridge.diagnose import diagnose
from argosy_client.bridge.place import Place, staged, versions_in
from argosy_client.bridge.probe import difference, inputs_for
from argosy_client.bridge.samples import Samples, read_arrays
from argosy_client.bridge.session import Session
from argosy_client.bridge.trial import TrialFailed, trial
from argosy_client.errors import ArgosyError, NotFoundError, UnavailableError

#: Items on which variants are compared where no samples are known.
_ITEMS = 16
_CALLS, _CALLS_S = 50, 2.0
_READY_S = 60.0
#: Differences that a variant's own golden sample accepts, relative to the largest number: processors round eight bits
#: in different ways.
_TOLERANCE = 1e-2


@dataclass(frozen=True, slots=True)
class Variant:
    """One version, measured.

    Args:
        kind: "original", or a key of :data:`variants.KINDS`.
        version: Number of its folder; 0 where it could not be made.
        trouble: Why it could not be made or measured; empty where it was.
        size_bytes: Its graph with its weights.
        p50_ms: Median time of a call with one item, on a worker on this machine.
        difference: Largest difference from the original, relative to the largest number.
        agreement: Part of the samples for which the largest score is that of the same class; None without scores.
        metrics: Figures on labelled data; empty without.
    """

    kind: str
    version: int
    trouble: str = ""
    size_bytes: int = 0
    p50_ms: float = 0.0
    difference: float = 0.0
    agreement: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known of a model without a fleet."""

    name: str
    domain: str
    methods: tuple[str, ...]
    class_labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Data:
    """Labelled data, and the column, key or array of the truth."""

    path: Path
    truth: str | None


def find_model(repositories: Sequence[tuple[str, Path]], name: str) -> tuple[str, Path]:
    """Domain and repository of a model. Raises ValueError where none holds it."""
    for domain, repository in repositories:
        if (repository / name).is_dir():
            return domain, repository
    raise ValueError(f"no repository holds a model '{name}': {', '.join(str(path) for _, path in repositories)}")


def optimize(
    domain: str,
    repository: Path,
    name: str,
    kinds: Sequence[str],
    *,
    samples: Path | None = None,
    data: Data | None = None,
    dry_run: bool = False,
) -> list[Variant]:
    """Makes variants, measures all, and adds those that could be made; the original is first.

    Raises:
        OSError: a file cannot be read or written.
        ValueError: the model, the samples or the data cannot be used.
    """
    folder = repository / name
    config = edit.read(folder)
    listed = versions_in(folder)
    served = _served(config, listed)
    if not served:
        raise ValueError(f"{folder}: holds no version that is served")
    base = folder / str(served[0]) / "model.onnx"
    diagnosis = diagnose(base)
    if diagnosis.graph is None or diagnosis.session is None:
        raise ValueError(f"{base}: {diagnosis.findings[0].message}")
    inputs, known = _inputs(folder, config, samples, diagnosis.graph, diagnosis.session)
    place = Place(repository, name, max(listed) + 1)
    with staged(place) as staging:
        shutil.copytree(folder, staging / name, ignore=shutil.ignore_patterns(*map(str, listed)))
        shutil.copytree(base.parent, staging / name / str(served[0]))
        made = [Variant("original", served[0])]
        for number, kind in enumerate(kinds, place.version):
            target = staging / name / str(number) / "model.onnx"
            try:
                variants.make(kind, base, target, inputs if known else {})
                Session(target)
            except (variants.NotPossible, ValueError) as error:
                shutil.rmtree(target.parent, ignore_errors=True)
                made.append(Variant(kind, 0, str(error)))
            else:
                made.append(Variant(kind, number))
        text = _text(folder)
        trial_text = edit.with_key(edit.with_key(text, "golden", None), "version_policy", {"all": True})
        (staging / name / "model.yaml").write_text(trial_text, "utf-8")
        batch = _batch(config)
        subject = Subject(name, domain, tuple(config.get("methods") or ()), _labels(folder, config))
        try:
            with trial(domain, staging) as worker:
                measured = [
                    _measured(worker, subject, one, inputs, batch, staging / name, served[0], data) for one in made
                ]
        except TrialFailed as error:
            raise ValueError(str(error)) from error
        if not dry_run:
            _publish(folder, staging / name, text, config, listed, served, measured, inputs, batch)
    return measured


def _served(config: Mapping[str, Any], versions: Sequence[int]) -> list[int]:
    """Versions that are served, newest first, by the policy."""
    policy = config.get("version_policy") or {}
    if policy.get("all"):
        return [*versions]
    if policy.get("listed"):
        return [version for version in versions if version in policy["listed"]]
    return [*versions[: int(policy.get("latest") or 1)]]


def _text(folder: Path) -> str:
    path = folder / "model.yaml"
    return path.read_text("utf-8") if path.exists() else ""


def _batch(config: Mapping[str, Any]) -> int:
    size = (config.get("batching") or {}).get("max_batch_size")
    return 32 if size is None else int(size)


def _labels(folder: Path, config: Mapping[str, Any]) -> tuple[str, ...]:
    file = config.get("labels_file")
    return (
        tuple(line.strip() for line in (folder / file).read_text("utf-8").splitlines() if line.strip()) if file else ()
    )


def _inputs(
    folder: Path, config: Mapping[str, Any], samples: Path | None, graph: Any, session: Session
) -> tuple[dict[str, NDArray[Any]], bool]:
    """Inputs to compare on, and whether they are more than made up: given, else of golden samples of tensors."""
    if samples is not None:
        return read_arrays(samples, graph.inputs, "inputs"), True
    for one in config.get("golden") or ():
        content = json.loads((folder / one["file"]).read_text("utf-8"))
        if "inputs" in content:
            return golden.arrays(content["inputs"]), True
    return inputs_for(graph, session, None, _ITEMS if _batch(config) else 1), False


def _measured(
    worker: Argosy,
    subject: Subject,
    variant: Variant,
    inputs: dict[str, NDArray[Any]],
    batch: int,
    folder: Path,
    base: int,
    data: Data | None,
) -> Variant:
    if variant.trouble:
        return variant
    size = variants.size_bytes(folder / str(variant.version))
    one = {name: array[:1] if batch else array for name, array in inputs.items()}
    try:
        _await(worker, subject.name, variant.version, one)
        ours, theirs = (_answers(worker, subject.name, version, inputs, batch) for version in (variant.version, base))
        metrics: Mapping[str, float] = {}
        if data is not None:
            from argosy_client.evaluation.evaluate import evaluate  # an extra of its own

            found = evaluate(worker, subject, data.path, version=str(variant.version), truth=data.truth)
            metrics = found.metrics
        return Variant(
            variant.kind,
            variant.version,
            size_bytes=size,
            p50_ms=_median_ms(worker, subject.name, variant.version, one),
            difference=max((difference(ours[name], theirs[name]) for name in theirs), default=0.0),
            agreement=_agreement(ours, theirs),
            metrics=metrics,
        )
    except (ArgosyError, TrialFailed) as error:
        return Variant(variant.kind, variant.version, str(error), size)


def _await(worker: Argosy, name: str, version: int, inputs: dict[str, NDArray[Any]]) -> None:
    end = time.monotonic() + _READY_S
    while True:
        try:
            worker.tensors.infer(name, inputs, version=version)
        except (UnavailableError, NotFoundError) as error:
            if error.metadata.get("state") == "FAILED" or time.monotonic() > end:
                raise TrialFailed(error.message) from error
            time.sleep(0.05)
        else:
            return


def _answers(
    worker: Argosy, name: str, version: int, inputs: dict[str, NDArray[Any]], batch: int
) -> dict[str, NDArray[Any]]:
    if not batch:
        return dict(worker.tensors.infer(name, inputs, version=version).outputs)
    count = len(next(iter(inputs.values())))
    parts = [
        worker.tensors.infer(
            name, {key: array[start : start + batch] for key, array in inputs.items()}, version=version
        ).outputs
        for start in range(0, count, batch)
    ]
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def _agreement(ours: Mapping[str, NDArray[Any]], theirs: Mapping[str, NDArray[Any]]) -> float | None:
    for name, array in theirs.items():
        if array.ndim == 2 and array.shape[1] > 1 and array.dtype.kind == "f":
            return float((ours[name].argmax(axis=1) == array.argmax(axis=1)).mean())
    return None


def _median_ms(worker: Argosy, name: str, version: int, inputs: dict[str, NDArray[Any]]) -> float:
    times: list[float] = []
    end = time.monotonic() + _CALLS_S
    while len(times) < _CALLS and (time.monotonic() < end or not times):
        times.append(worker.tensors.infer(name, inputs, version=version).timing.total_ms)
    return float(np.median(times))


def _publish(
    folder: Path,
    staging: Path,
    text: str,
    config: Mapping[str, Any],
    listed: Sequence[int],
    served: Sequence[int],
    measured: Sequence[Variant],
    inputs: dict[str, NDArray[Any]],
    batch: int,
) -> None:
    """Adds the variants: first model.yaml, which keeps serving what was served, then their folders."""
    fresh = [one for one in measured if one.kind != "original" and not one.trouble]
    if not fresh:
        return
    samples = [{"versions": [*listed], **one} for one in config.get("golden") or ()]
    (folder / "golden").mkdir(exist_ok=True)
    # One item alone: eight bits that are scaled by what is in a batch depend on the items beside.
    alone = {name: array[:1] for name, array in inputs.items()} if batch else inputs
    for one in fresh:
        outputs = Session(staging / str(one.version) / "model.onnx").run(alone)
        own = Samples(alone, outputs, "onnxruntime", True)
        made = golden.golden(f"golden/{one.kind}-{one.version}", own, batch > 0, _TOLERANCE)
        for file, (content, accepted) in made.items():
            _replace(folder / file, content)
            samples.append({"versions": [one.version], "file": file, "tolerance": accepted})
    text = edit.with_key(text, "version_policy", {"listed": [*served]})
    _replace(folder / "model.yaml", edit.with_key(text, "golden", samples))
    for one in fresh:
        (staging / str(one.version)).rename(folder / str(one.version))


def _replace(path: Path, text: str) -> None:
    """Writes a file that nobody sees half of."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text, "utf-8")
    fresh.replace(path)
