# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""From a file to all that its model's folder will hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from argosy_client.bridge import golden
from argosy_client.bridge.advice import advice
from argosy_client.bridge.companions import companions, find_graph
from argosy_client.bridge.diagnose import Diagnosis, diagnose
from argosy_client.bridge.document import document
from argosy_client.bridge.domains import speech, vision
from argosy_client.bridge.findings import Finding, Weight
from argosy_client.bridge.guess import guess
from argosy_client.bridge.place import model_name
from argosy_client.bridge.plan import Asked, Facts, Plan
from argosy_client.bridge.probe import difference
from argosy_client.bridge.refused import Refused
from argosy_client.bridge.samples import Samples, compute, read_arrays, samples_for
from argosy_client.bridge.session import Session

GOLDEN_FILE = "golden/sample.json"
#: Inputs of the printed calls, for the domains whose commands take files.
_EXAMPLES = {"vision": "golden/example.png", "speech": "golden/example.wav"}
#: Who computed the golden samples, for people.
_ORIGINS = {"framework": "the framework itself", "onnxruntime": "bare ONNX Runtime, since no --expected was given"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for.

    Args:
        path: The graph, or the folder of one.
        asked: Domain and methods; what is not said is guessed.
        samples: File of inputs; None takes samples.npz beside the graph, or makes some up.
        expected: File of the framework's outputs for them; None takes expected.npz beside the graph.
        name: Name of the model; None makes one of the file's.
        tolerance: Largest difference from the framework that is accepted, relative to the largest number.
    """

    path: Path
    asked: Asked = field(default_factory=Asked)
    samples: Path | None = None
    expected: Path | None = None
    name: str | None = None
    tolerance: float = golden.RELATIVE


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is known, and what will be written. Where the graph is refused there is nothing but the diagnosis.

    Args:
        name: Name of the model.
        framework: For each output the difference of bare ONNX Runtime from the framework; empty without its outputs.
        texts: Files to write, by their path in the model's folder; as are ``blobs``, which are no texts.
        files: Files to copy, likewise.
        example: Path, in the model's folder, of the input that the printed calls use.
    """

    name: str
    diagnosis: Diagnosis
    plan: Plan | None = None
    samples: Samples | None = None
    framework: Mapping[str, float] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    blobs: Mapping[str, bytes] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    example: str = GOLDEN_FILE


def prepare(wanted: Wanted) -> Prepared:
    """Diagnoses a graph, guesses how it is to be served, and renders its files.

    Raises:
        OSError: a file cannot be read.
        ValueError: a file or a setting cannot be used.
    """
    path = find_graph(wanted.path)
    name = model_name(wanted.name, path)
    folder = wanted.path if wanted.path.is_dir() else path.parent
    beside = companions(folder)
    given, expected = wanted.samples, wanted.expected
    if given is None and expected is None:
        given = _beside(folder, "samples.npz")
        expected = _beside(folder, "expected.npz") if given else None
    diagnosis = diagnose(path)
    graph, session = diagnosis.graph, diagnosis.session
    if diagnosis.refused or graph is None or session is None:
        return Prepared(name, diagnosis)
    if given is not None and _untried(diagnosis):
        diagnosis = diagnose(path, read_arrays(given, graph.inputs, "inputs"))
    size = diagnosis.max_batch_size
    try:
        samples = samples_for(graph, session, given, expected, golden.ITEMS if size else 0)
    except Refused as refused:
        if given is not None or wanted.asked.methods:
            raise
        return _rendered(name, diagnosis, _without_samples(refused), None, {})
    gaps = _gaps(session, samples, size)
    worst = max(gaps.values(), default=0.0)
    if worst > wanted.tolerance:
        return Prepared(name, _differing(diagnosis, gaps, wanted.tolerance), samples=samples, framework=gaps)
    outputs = _outputs(session, samples, size)
    exporter = diagnosis.exporter
    facts = Facts(graph, session.shapes, beside, samples.inputs, outputs, exporter, session.run, wanted.asked)
    plan = guess(facts, batched=size > 0)
    return _rendered(name, diagnosis, plan, samples, gaps, wanted.tolerance)


def _beside(folder: Path, name: str) -> Path | None:
    path = folder / name
    return path if path.is_file() else None


def _untried(diagnosis: Diagnosis) -> bool:
    return any(finding.code == "UNTRIED" for finding in diagnosis.findings)


def _without_samples(refused: Refused) -> Plan:
    return Plan("tabular", "nothing could be tried", missing=f"give --samples, on which it runs ({refused})")


def _gaps(session: Session, samples: Samples, size: int) -> dict[str, float]:
    if samples.origin != "framework":
        return {}
    bare = compute(session, samples.inputs, size)
    return {name: difference(bare[name], array) for name, array in samples.outputs.items()}


def _outputs(session: Session, samples: Samples, size: int) -> dict[str, NDArray[Any]]:
    """What the graph gives for some of the samples."""
    return compute(session, (samples.first(golden.ITEMS) if size else samples).inputs, min(size, 1))


def _differing(diagnosis: Diagnosis, gaps: Mapping[str, float], tolerance: float) -> Diagnosis:
    listed = ", ".join(f"'{name}' by {gap:.3g}" for name, gap in gaps.items() if not gap <= tolerance)
    message = (
        f"the graph does not compute what the framework did: {listed} of the largest number, accepted is "
        f"{tolerance:g} (--tolerance)"
    )
    finding = Finding("SAMPLES_DIFFER", Weight.REFUSED, message, advice("SAMPLES_DIFFER", diagnosis.exporter))
    return replace(diagnosis, findings=(*diagnosis.findings, finding))


def _rendered(
    name: str,
    diagnosis: Diagnosis,
    plan: Plan,
    samples: Samples | None,
    gaps: Mapping[str, float],
    tolerance: float = golden.RELATIVE,
) -> Prepared:
    texts: dict[str, str] = {}
    goldens: dict[str, float] = {}
    graph = diagnosis.graph
    if samples is not None and graph is not None and not graph.random and graph.inputs:
        made = golden.golden(GOLDEN_FILE.removesuffix(".json"), samples, diagnosis.max_batch_size > 0, tolerance)
        texts |= {file: text for file, (text, _) in made.items()}
        goldens |= {file: accepted for file, (_, accepted) in made.items()}
    if plan.labels:
        texts["labels.txt"] = "".join(f"{label}\n" for label in plan.labels)
    origin = _ORIGINS[samples.origin] if samples else ""
    texts["model.yaml"] = document(name, diagnosis, plan, goldens, origin)
    blobs = {}
    example = GOLDEN_FILE
    if plan.request and plan.domain in _EXAMPLES:
        example = _EXAMPLES[plan.domain]
        blobs[example] = vision.png(8, 8) if plan.domain == "vision" else speech.wav(800, 8000)
    return Prepared(name, diagnosis, plan, samples, gaps, texts, blobs, plan.assets, example)
