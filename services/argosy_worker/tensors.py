# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Element types: V2 spelling and numpy's."""

from typing import Any

import numpy as np

_TYPES: dict[str, type[np.generic]] = {
    "BOOL": np.bool_,
    "UINT8": np.uint8,
    "UINT16": np.uint16,
    "UINT32": np.uint32,
    "UINT64": np.uint64,
    "INT8": np.int8,
    "INT16": np.int16,
    "INT32": np.int32,
    "INT64": np.int64,
    "FP16": np.float16,
    "FP32": np.float32,
    "FP64": np.float64,
    "BYTES": np.object_,
}
_DTYPES: dict[str, "np.dtype[Any]"] = {name: np.dtype(kind) for name, kind in _TYPES.items()}


def dtype_of(datatype: str) -> "np.dtype[Any]":
    """Returns numpy's type for a V2 datatype.

    Raises:
        KeyError: there is no such datatype, or numpy has none for it.
    """
    return _DTYPES[datatype]
