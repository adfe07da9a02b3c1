# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What every training script shares: the model folder with its files, golden samples, and running a graph."""

import argparse
import base64
import json
import textwrap
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import yaml

MODELS = Path(__file__).resolve().parents[2] / "models"
HEADER = """\
# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
# Written by examples/training/{}.

"""

Array = npt.NDArray[Any]
Json = dict[str, Any]


def output_folder(description: str, default: str) -> Path:
    """Read ``--output`` from the command line; ``default`` is ``<domain>/<name>`` below ``models/``."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--output", type=Path, default=MODELS / default, help="model folder (default: %(default)s)")
    folder: Path = parser.parse_args().output
    return folder


def scored_labels(labels: Sequence[str], probabilities: Array, top_k: int = 5) -> list[Json]:
    """The best classes of one item as proto3 JSON ScoredLabels."""
    best = np.argsort(-probabilities, kind="stable")[:top_k]
    return [{"label": labels[i], "index": int(i), "score": float(probabilities[i])} for i in best]


def tensor_json(array: Array) -> Json:
    """A float32 array as a proto3 JSON ``argosy.common.v1.Tensor``."""
    data = np.ascontiguousarray(array, dtype="<f4").tobytes()
    shape = [str(extent) for extent in array.shape]
    return {"dataType": "DATA_TYPE_FP32", "shape": shape, "data": base64.b64encode(data).decode("ascii")}


def unit_rows(vectors: Array) -> Array:
    """Rows scaled to length 1 (L2); a row of zeros stays."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)


def metric(name: str, value: float, sample_count: int, split: str = "held-out") -> Json:
    """One entry of ``metrics`` in model.yaml; also printed."""
    print(f"{name} = {value:.4f} ({split}, {sample_count} samples)")
    return {"name": name, "value": round(float(value), 4), "split": split, "sample_count": sample_count}


def provenance(script: str, dataset: str, licence: str, date: str) -> Json:
    """The ``provenance`` section of model.yaml; ``date`` is the day of training, year first."""
    trained_by = f"examples/training/{script}"
    return {"dataset": dataset, "licence": licence, "trained_by": trained_by, "date": date}


def card(intended_use: str, limits: str) -> Json:
    """The ``card`` section of model.yaml: what the model is for, and where it fails."""
    return {"intended_use": intended_use, "limits": limits}


class ModelFolder:
    """Writes one model's folder: ``<domain>/<name>/`` with model.yaml, the graph in ``1/`` and its samples."""

    def __init__(self, path: Path, script: str) -> None:
        self.path = path
        self._script = script
        (path / "1").mkdir(parents=True, exist_ok=True)
        (path / "golden").mkdir(exist_ok=True)

    def write_graph(self, graph: onnx.ModelProto) -> None:
        """Check the graph and save it as version 1."""
        onnx.checker.check_model(graph, full_check=True)
        onnx.save(graph, self.path / "1" / "model.onnx")

    def run(self, outputs: Sequence[str], inputs: Mapping[str, Array]) -> list[Array]:
        """Run the saved graph with plain ONNX Runtime on one thread."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        path = self.path / "1" / "model.onnx"
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        return list(session.run(list(outputs), dict(inputs)))

    def write_lines(self, name: str, lines: Sequence[str]) -> None:
        """Write a text file of one entry a line."""
        (self.path / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def write_arrays(self, name: str, arrays: Mapping[str, Array]) -> None:
        """Write arrays by name into one ``.npz``, the same bytes for the same arrays."""
        with zipfile.ZipFile(self.path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for key, array in arrays.items():
                with archive.open(zipfile.ZipInfo(f"{key}.npy"), "w") as file:
                    np.lib.format.write_array(file, np.asanyarray(array), allow_pickle=False)

    def write_json(self, name: str, value: Any) -> None:
        """Write JSON; a list has one entry a line, to read well and to show small differences."""
        if isinstance(value, list):
            text = "[\n" + ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in value) + "\n]\n"
        else:
            text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
        (self.path / name).write_text(text, encoding="utf-8")

    def write_golden(self, name: str, method: str, request: Json, response: Json, tolerance: float = 1e-3) -> Json:
        """Write ``golden/<name>.json``; the result is its entry in model.yaml."""
        file = f"golden/{name}.json"
        self.write_json(file, {"method": method, "request": request, "response": response})
        return {"file": file, "tolerance": tolerance}

    def write_config(self, config: Json) -> None:
        """Write model.yaml, its keys in the given order."""
        text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True, width=110)
        (self.path / "model.yaml").write_text(HEADER.format(self._script) + text, encoding="utf-8")

    def write_card(self, card: str) -> None:
        """Write MODEL_CARD.md."""
        lines = (textwrap.fill(line, 120) if len(line) > 120 else line for line in card.strip().splitlines())
        (self.path / "MODEL_CARD.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
