# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Files that are often taken for ONNX graphs, by how they begin."""

import zipfile
from pathlib import Path

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\x89HDF\r\n\x1a\n", "a Keras model in HDF5"),
    (b"version https://git-lfs", "a pointer of Git LFS: the file itself was not fetched (git lfs pull)"),
    (b"GGUF", "a GGUF file of llama.cpp"),
    (b"\x80\x02", "a pickle of Python, such as torch.save or joblib write"),
    (b"\x80\x03", "a pickle of Python, such as torch.save or joblib write"),
    (b"\x80\x04", "a pickle of Python, such as torch.save or joblib write"),
    (b"\x80\x05", "a pickle of Python, such as torch.save or joblib write"),
    (b"\x1f\x8b", "a compressed file (gzip): unpack it first"),
    (b"tree\nversion=", "a model of LightGBM in its own text format"),
    (b"{L\x00\x00", "a model of XGBoost in UBJSON"),
    (b"{", "JSON, such as the own format of XGBoost"),
    (b"<", "a page of HTML or XML, such as the error page of a download"),
    (b"ORTM", "a graph in ONNX Runtime's own format (.ort): give the .onnx that it was made from"),
)
_TFLITE = b"TFL3"
_ORT = b"ORTM"


def name_of(path: Path) -> str:
    """Says what a file is that is no graph; empty for one that may be.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(64)
    if not start:
        return "an empty file"
    if start.startswith(b"PK\x03\x04"):
        return _archive(path)
    if start[4:8] in (_TFLITE, _ORT):
        return "a model of TensorFlow Lite" if start[4:8] == _TFLITE else _BEGINNINGS[-1][1]
    if start[8:9] == b"{" and int.from_bytes(start[:8], "little") < path.stat().st_size:
        return "weights in safetensors, which hold no graph"
    return next((name for beginning, name in _BEGINNINGS if start.startswith(beginning)), "")


def _archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return "a damaged archive (zip)"
    if any(name.endswith("data.pkl") for name in names):
        return "a model of PyTorch (torch.save, torch.jit.save or torch.export.save)"
    if any(name.startswith("config.json") for name in names):
        return "a model of Keras (.keras)"
    if any(name.endswith(".onnx") for name in names):
        return "an archive (zip) with a graph in it: unpack it first"
    return "an archive (zip)"
