# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Files that exporters leave beside a graph, and what they say of it."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LARGEST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Companions:
    """What lies beside a graph; empty or None where it does not.

    Args:
        folder: Where they lie.
        labels: Names of the classes, from labels.txt, tags.txt or "id2label" of config.json.
        features: Names of the features, from features.txt.
        tokenizer: tokenizer.json.
        tokenizer_kind: "huggingface" or "keras".
        settings: config.json.
        preprocessing: preprocessor_config.json.
        tokenization: tokenizer_config.json.
        items: items.csv or items.npz, the catalogue of a recommender.
        alphabet: Tokens that a model of speech writes with, from alphabet.txt or vocab.json.
        alphabet_file: The file of these.
    """

    folder: Path
    labels: tuple[str, ...]
    features: tuple[str, ...]
    tokenizer: Path | None
    tokenizer_kind: str
    settings: Mapping[str, Any]
    preprocessing: Mapping[str, Any]
    tokenization: Mapping[str, Any]
    items: Path | None
    alphabet: tuple[str, ...]
    alphabet_file: Path | None

    def file(self, name: str) -> Path | None:
        """A file of that name; None where there is none."""
        path = self.folder / name
        return path if path.is_file() else None


def companions(folder: Path) -> Companions:
    """Looks at a folder.

    Raises:
        OSError: a file cannot be read.
        ValueError: a file is not what its name says.
    """
    tokenizer = folder / "tokenizer.json"
    settings = _json(folder / "config.json")
    items = [path for path in (folder / "items.csv", folder / "items.npz") if path.is_file()]
    alphabet = [path for path in (folder / "alphabet.txt", folder / "vocab.json") if path.is_file()]
    return Companions(
        folder=folder,
        labels=_lines(folder / "labels.txt") or _lines(folder / "tags.txt") or _labels(settings),
        features=_lines(folder / "features.txt"),
        tokenizer=tokenizer if tokenizer.is_file() else None,
        tokenizer_kind=_tokenizer_kind(_json(tokenizer)),
        settings=settings,
        preprocessing=_json(folder / "preprocessor_config.json"),
        tokenization=_json(folder / "tokenizer_config.json"),
        items=items[0] if items else None,
        alphabet=_tokens(alphabet[0]) if alphabet else (),
        alphabet_file=alphabet[0] if alphabet else None,
    )


def number(file: str, key: str, value: Any) -> float:
    """A number that a file says. Raises ValueError, with the file and its key, for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
        raise ValueError(f"{file}: {key} has {json.dumps(value)}; that must be a number")
    return float(value)


def find_graph(path: Path) -> Path:
    """The graph that a path names: the file, or the one graph in a folder (model.onnx before others).

    Raises:
        OSError: there is no such file or folder.
        ValueError: the folder holds none, or several.
    """
    if not path.is_dir():
        path.stat()
        return path
    found = sorted(path.glob("*.onnx")) or sorted(path.glob("*/*.onnx"))
    named = [file for file in found if file.name == "model.onnx"]
    if len(named or found) != 1:
        trouble = (
            f"holds {len(found)} graphs: name one of {', '.join(map(str, found))}" if found else "holds no .onnx file"
        )
        raise ValueError(f"{path}: {trouble}")
    return (named or found)[0]


def _json(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        return {}
    if path.stat().st_size > _LARGEST_BYTES:
        raise ValueError(f"{path}: is larger than {_LARGEST_BYTES >> 20} MiB")
    try:
        read = json.loads(path.read_text("utf-8"))
        read = json.loads(read) if isinstance(read, str) else read  # Keras writes JSON as a text within JSON
    except ValueError as error:
        raise ValueError(f"{path}: is no JSON: {error}") from error
    return read if isinstance(read, dict) else {}


def _lines(path: Path) -> tuple[str, ...]:
    if not path.is_file():
        return ()
    return tuple(line.strip() for line in path.read_text("utf-8").splitlines() if line.strip())


def _tokens(path: Path) -> tuple[str, ...]:
    """Tokens in the order of the output; empty where a vocab.json gives no places."""
    if path.suffix != ".json":
        return tuple(path.read_text("utf-8").splitlines())
    places = _json(path)
    if not all(isinstance(place, int) for place in places.values()):
        return ()
    return tuple(sorted(places, key=lambda token: int(places[token])))


def _labels(settings: Mapping[str, Any]) -> tuple[str, ...]:
    names = settings.get("id2label")
    if not isinstance(names, dict):
        return ()
    try:
        return tuple(str(names[key]) for key in sorted(names, key=int))
    except ValueError:
        return ()


def _tokenizer_kind(content: Mapping[str, Any]) -> str:
    if "model" in content:
        return "huggingface"
    return "keras" if "config" in content and "class_name" in content else ""
