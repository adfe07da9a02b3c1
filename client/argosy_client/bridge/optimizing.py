# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Makes smaller variants of a served model, measures them beside it, and adds them as versions that nobody gets yet."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from argosy_client.bridge import edit, golden, variants
from argosy_client.bridge.comparing import Data, Subject, Variant, measured
from argosy_client.bridge.diagnose import diagnose
from argosy_client.bridge.place import Place, staged, versions_in
from argosy_client.bridge.probe import inputs_for
from argosy_client.bridge.samples import Samples, compute, read_arrays
from argosy_client.bridge.session import Session
from argosy_client.bridge.trial import TrialFailed, trial
from argosy_client.domains.tensors import from_json

#: Items on which variants are compared where no samples are known.
_ITEMS = 16
#: Differences that a variant's own golden sample accepts, relative to the largest number: processors round eight bits
#: in different ways.
_TOLERANCE = 1e-2


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
        subject = Subject(name, domain, tuple(config.get("methods") or ()), _labels(folder, config), batch)
        original = compute(diagnosis.session, inputs, batch)
        try:
            with trial(domain, staging) as worker:
                found = [measured(worker, subject, one, staging / name, inputs, original, data) for one in made]
        except TrialFailed as error:
            raise ValueError(str(error)) from error
        if not dry_run:
            _publish(folder, staging / name, text, config, listed, served, found, inputs, batch)
    return found


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
            return from_json(content["inputs"]), True
    return inputs_for(graph, session, None, _ITEMS if _batch(config) else 1), False


def _publish(
    folder: Path,
    staging: Path,
    text: str,
    config: Mapping[str, Any],
    listed: Sequence[int],
    served: Sequence[int],
    found: Sequence[Variant],
    inputs: dict[str, NDArray[Any]],
    batch: int,
) -> None:
    """Adds the variants: first model.yaml, which keeps serving what was served, then their folders."""
    fresh = [one for one in found if one.kind != "original" and not one.trouble]
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
