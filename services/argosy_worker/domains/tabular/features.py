# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Rows and tensors of a request to one array of features."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from argosy.common.v1.tensor_pb2 import DataType, Tensor
from argosy.tabular.v1.tabular_pb2 import PredictRequest, Row
from numpy.typing import NDArray

from argosy_worker.domains._shared.limits import check_count
from argosy_worker.domains._shared.numbers import surely_within
from argosy_worker.domains._shared.tensors import to_array, type_name
from argosy_worker.errors import InvalidInput

_FLOATS = (DataType.DATA_TYPE_FP32, DataType.DATA_TYPE_FP64)
#: Most names listed in a message.
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class FeatureReader:
    """Reads the features of a model, in its order."""

    names: tuple[str, ...]
    known: frozenset[str]
    sequences: bool
    timesteps: int | None
    """Length of a sequence; None for rows, or where any length is taken."""
    low: float
    """Least value that the graph's input holds; ``high`` is the most."""
    high: float

    def read(self, request: PredictRequest, max_items: int) -> NDArray[Any]:
        """FP32 or FP64 [rows, features], or [sequences, timesteps, features]; all in ``low..high``.

        Raises:
            InvalidInput: INPUT_AMBIGUOUS, INPUT_MISSING, NO_ITEMS, TOO_MANY_ITEMS, ROW_AMBIGUOUS, ROW_EMPTY,
                FEATURE_UNKNOWN, FEATURE_MISSING, SHAPE_MISMATCH, DATA_TYPE_UNSUPPORTED, VALUE_NOT_FINITE or
                VALUE_OUT_OF_RANGE.
        """
        has_tensor = request.HasField("tensor")
        if has_tensor and request.rows:
            raise InvalidInput("both rows and tensor are set; set one", reason="INPUT_AMBIGUOUS")
        if not has_tensor and not request.rows:
            raise InvalidInput("neither rows nor tensor is set; set one", reason="INPUT_MISSING")
        features = self._tensor(request.tensor, max_items) if has_tensor else self._rows(request.rows, max_items)
        self._check_values(features)
        return features

    def _rows(self, rows: Sequence[Row], max_items: int) -> NDArray[np.float64]:
        check_count(len(rows), max_items, "rows")
        if self.sequences:
            raise InvalidInput(
                f"this model predicts from sequences; set tensor with the shape {self._shape_text()} instead of rows",
                reason="SHAPE_MISMATCH",
            )
        features = np.empty((len(rows), len(self.names)), np.float64)
        for index, row in enumerate(rows):
            features[index] = self._row(row, index)
        return features

    def _row(self, row: Row, index: int) -> list[float]:
        named, values = row.named, row.values
        if named and values:
            raise _refused(index, "both named and values are set; set one", "ROW_AMBIGUOUS")
        if named:
            if len(named) != len(self.names) or not self.known.issuperset(named):
                raise self._names_differ(named, index)
            return [named[name] for name in self.names]
        if not values:
            raise _refused(index, "neither named nor values is set; set one", "ROW_EMPTY")
        if len(values) != len(self.names):
            raise _refused(
                index,
                f"{len(values)} values for {len(self.names)} features ({_listed(self.names)})",
                "SHAPE_MISMATCH",
            )
        return list(values)

    def _names_differ(self, named: Any, index: int) -> InvalidInput:
        unknown = sorted(set(named) - self.known)
        if unknown:
            listed = _listed(unknown)
            return _refused(index, f"unknown features: {listed}", "FEATURE_UNKNOWN", features=listed)
        missing = _listed([name for name in self.names if name not in named])
        return _refused(index, f"missing features: {missing}", "FEATURE_MISSING", features=missing)

    def _tensor(self, tensor: Tensor, max_items: int) -> NDArray[Any]:
        if tensor.data_type not in _FLOATS:
            raise InvalidInput(
                f"tensor.data_type is {type_name(tensor.data_type)}; use DATA_TYPE_FP32 or DATA_TYPE_FP64",
                reason="DATA_TYPE_UNSUPPORTED",
            )
        array = to_array(tensor, "tensor")
        if not self._shape_fits(array.shape):
            raise InvalidInput(
                f"tensor.shape is {list(array.shape)}; this model takes {self._shape_text()}",
                reason="SHAPE_MISMATCH",
                metadata={"field": "tensor"},
            )
        check_count(len(array), max_items, "tensor")
        return array

    def _shape_fits(self, shape: tuple[int, ...]) -> bool:
        if len(shape) != (3 if self.sequences else 2) or shape[-1] != len(self.names):
            return False
        return not self.sequences or (shape[1] == self.timesteps if self.timesteps else shape[1] > 0)

    def _shape_text(self) -> str:
        length = f"{self.timesteps or 'timesteps'}, "
        return f"[{'sequences, ' + length if self.sequences else 'rows, '}{len(self.names)}]"

    def _check_values(self, features: NDArray[Any]) -> None:
        if surely_within(features, min(-self.low, self.high)):
            return
        if features.min() >= self.low and features.max() <= self.high:  # false where any value is NaN
            return
        at = np.argwhere(~((features >= self.low) & (features <= self.high)))[0]
        value, name = features[tuple(at)], self.names[at[-1]]
        place = f"row {at[0]}" if len(at) == 2 else f"sequence {at[0]}, timestep {at[1]}"
        finite = bool(np.isfinite(value))
        wanted = f"from {self.low:g} to {self.high:g}" if finite else "finite"
        raise InvalidInput(
            f"{place}: feature {name!r} is {value:g}; it must be {wanted}",
            reason="VALUE_OUT_OF_RANGE" if finite else "VALUE_NOT_FINITE",
            metadata={"index": str(at[0]), "feature": name},
        )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(name[:100] for name in names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"


def _refused(index: int, text: str, reason: str, **metadata: str) -> InvalidInput:
    return InvalidInput(f"rows[{index}]: {text}", reason=reason, metadata={"index": str(index), **metadata})
