# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Rows and tensors of a request to one array of features."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from argosy.common.v1.tensor_pb2 import DataType, Tensor
from argosy.tabular.v1.tabular_pb2 import PredictRequest, Row, RowErrors
from numpy.typing import NDArray

from argosy_worker.domains._shared.limits import check_count
from argosy_worker.domains._shared.numbers import surely_within
from argosy_worker.domains._shared.tensors import to_array, type_name
from argosy_worker.errors import InvalidInput

_FLOATS = (DataType.DATA_TYPE_FP32, DataType.DATA_TYPE_FP64)
_ROW_ERRORS = frozenset(RowErrors.values())
#: Most names listed in a message.
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Items:
    """The rows or sequences of a request that can be used, and what is wrong with the others."""

    features: NDArray[Any]
    """Of the usable ones, in their order."""
    errors: Mapping[int, InvalidInput]
    """By the place in the request."""


@dataclass(frozen=True, slots=True)
class FeatureReader:
    """Reads the features of a model, in its order."""

    names: tuple[str, ...]
    known: frozenset[str]
    sequences: bool
    timesteps: int | None
    """Length of a sequence; None for rows, or where any length is taken."""
    max_timesteps: int
    """Most of them where any length is taken."""
    low: float
    """Least value that the graph's input holds; ``high`` is the most."""
    high: float
    stand_ins: NDArray[np.float64] | None
    """[features]: what stands in for a missing value, NaN where nothing does; None where that is so everywhere."""
    needed: frozenset[str]
    """Features for which nothing stands in."""

    def read(self, request: PredictRequest, max_items: int) -> Items:
        """FP32 or FP64 [rows, features], or [sequences, timesteps, features]; all in ``low..high``.

        Raises:
            InvalidInput: INPUT_AMBIGUOUS, INPUT_MISSING, NO_ITEMS, TOO_MANY_ITEMS, SHAPE_MISMATCH, SEQUENCE_TOO_LONG,
                DATA_TYPE_UNSUPPORTED or ROW_ERRORS_UNKNOWN; and, unless the request wants them reported, what
                :meth:`read_rows` tells of each row.
        """
        has_tensor = request.HasField("tensor")
        if has_tensor and request.rows:
            raise InvalidInput("both rows and tensor are set; set one", reason="INPUT_AMBIGUOUS")
        if not has_tensor and not request.rows:
            raise InvalidInput("neither rows nor tensor is set; set one", reason="INPUT_MISSING")
        report = _wants_report(request.row_errors)
        if has_tensor:
            array = self.read_tensor(request.tensor, "tensor", max_items)
            return self._usable(array, range(len(array)), report, {})
        check_count(len(request.rows), max_items, "rows")
        if self.sequences:
            raise InvalidInput(
                f"this model predicts from sequences; set tensor with the shape {self.shape_text()} instead of rows",
                reason="SHAPE_MISMATCH",
            )
        return self.read_rows(request.rows, report=report)

    def read_rows(self, rows: Sequence[Row], *, report: bool) -> Items:
        """FP64 [rows, features] of the usable rows.

        Raises:
            InvalidInput: unless errors are to be reported, the first of them: ROW_AMBIGUOUS, ROW_EMPTY,
                FEATURE_UNKNOWN, FEATURE_MISSING, SHAPE_MISMATCH, VALUE_NOT_FINITE or VALUE_OUT_OF_RANGE.
        """
        features, count = np.empty((len(rows), len(self.names)), np.float64), 0
        errors: dict[int, InvalidInput] = {}
        for index, row in enumerate(rows):
            try:
                features[count] = self._row(row, index)
            except InvalidInput as error:
                if not report:
                    raise
                errors[index] = error
            else:
                count += 1
        places = [index for index in range(len(rows)) if index not in errors] if errors else range(count)
        return self._usable(features[:count], places, report, errors)

    def read_tensor(self, tensor: Tensor, field: str, max_items: int) -> NDArray[Any]:
        """FP32 or FP64 of the model's shape, its values not yet looked at.

        Raises:
            InvalidInput: DATA_TYPE_UNSUPPORTED, SHAPE_MISMATCH, SEQUENCE_TOO_LONG, NO_ITEMS or TOO_MANY_ITEMS.
        """
        if tensor.data_type not in _FLOATS:
            raise InvalidInput(
                f"{field}.data_type is {type_name(tensor.data_type)}; use DATA_TYPE_FP32 or DATA_TYPE_FP64",
                reason="DATA_TYPE_UNSUPPORTED",
                metadata={"field": field},
            )
        array = to_array(tensor, field)
        if not self._shape_fits(array.shape):
            raise InvalidInput(
                f"{field}.shape is {list(array.shape)}; this model takes {self.shape_text()}",
                reason="SHAPE_MISMATCH",
                metadata={"field": field},
            )
        if self.sequences and array.shape[1] > max(self.max_timesteps, self.timesteps or 0):
            raise InvalidInput(
                f"{field} holds sequences of {array.shape[1]} timesteps; send at most {self.max_timesteps}",
                reason="SEQUENCE_TOO_LONG",
                metadata={"field": field, "limit": str(self.max_timesteps)},
            )
        check_count(len(array), max_items, field)
        return array

    def checked(self, features: NDArray[Any]) -> NDArray[Any]:
        """Features with stand-ins for what is missing.

        Raises:
            InvalidInput: VALUE_NOT_FINITE or VALUE_OUT_OF_RANGE, at the first bad value.
        """
        return self._usable(features, range(len(features)), False, {}).features

    def shape_text(self) -> str:
        """The shape that the model takes, for messages."""
        length = f"{self.timesteps or 'timesteps'}, "
        return f"[{'sequences, ' + length if self.sequences else 'rows, '}{len(self.names)}]"

    def _row(self, row: Row, index: int) -> list[float]:
        named, values = row.named, row.values
        if named and values:
            raise _refused(index, "both named and values are set; set one", "ROW_AMBIGUOUS")
        if named:
            if len(named) == len(self.names) and self.known.issuperset(named):
                return [named[name] for name in self.names]
            self._check_names(named, index)
            return [named.get(name, np.nan) for name in self.names]
        if not values:
            raise _refused(index, "neither named nor values is set; set one", "ROW_EMPTY")
        if len(values) != len(self.names):
            raise _refused(
                index,
                f"{len(values)} values for {len(self.names)} features ({_listed(self.names)})",
                "SHAPE_MISMATCH",
            )
        return list(values)

    def _check_names(self, named: Any, index: int) -> None:
        unknown = sorted(set(named) - self.known)
        if unknown:
            listed = _listed(unknown)
            raise _refused(index, f"unknown features: {listed}", "FEATURE_UNKNOWN", features=listed)
        if not self.needed.issubset(named):
            missing = _listed([name for name in self.names if name in self.needed and name not in named])
            raise _refused(index, f"missing features: {missing}", "FEATURE_MISSING", features=missing)

    def _shape_fits(self, shape: tuple[int, ...]) -> bool:
        if len(shape) != (3 if self.sequences else 2) or shape[-1] != len(self.names):
            return False
        return not self.sequences or (shape[1] == self.timesteps if self.timesteps else shape[1] > 0)

    def _usable(
        self, features: NDArray[Any], places: Sequence[int], report: bool, errors: dict[int, InvalidInput]
    ) -> Items:
        """What is left of ``features`` without bad values; ``places`` are theirs in the request."""
        if not len(features) or surely_within(features, min(-self.low, self.high)):
            return Items(features, errors)
        features = self._filled(features)
        if features.min() >= self.low and features.max() <= self.high:  # false where any value is NaN
            return Items(features, errors)
        fine = (features >= self.low) & (features <= self.high)
        bad = np.flatnonzero(~fine.reshape(len(features), -1).all(axis=1)).tolist()
        if not report:
            raise self._bad_value(features[bad[0]], fine[bad[0]], places[bad[0]])
        errors |= {places[index]: self._bad_value(features[index], fine[index], places[index]) for index in bad}
        return Items(np.delete(features, bad, axis=0), errors)

    def _filled(self, features: NDArray[Any]) -> NDArray[Any]:
        if self.stand_ins is None:
            return features
        missing = np.isnan(features)
        return np.where(missing, self.stand_ins.astype(features.dtype), features) if missing.any() else features

    def _bad_value(self, item: NDArray[Any], fine: NDArray[np.bool_], index: int) -> InvalidInput:
        at = tuple(np.argwhere(~fine)[0])
        value, name = item[at], self.names[at[-1]]
        place = f"row {index}" if len(at) == 1 else f"sequence {index}, timestep {at[0]}"
        finite = bool(np.isfinite(value))
        wanted = f"from {self.low:g} to {self.high:g}" if finite else "finite"
        return InvalidInput(
            f"{place}: feature {name!r} is {value:g}; it must be {wanted}",
            reason="VALUE_OUT_OF_RANGE" if finite else "VALUE_NOT_FINITE",
            metadata={"index": str(index), "feature": name},
        )


def _wants_report(row_errors: int) -> bool:
    if row_errors not in _ROW_ERRORS:
        raise InvalidInput(
            f"row_errors is {row_errors}; it must be ROW_ERRORS_REFUSE or ROW_ERRORS_REPORT",
            reason="ROW_ERRORS_UNKNOWN",
        )
    return row_errors == RowErrors.ROW_ERRORS_REPORT


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    shown = ", ".join(name[:100] for name in every[:_SHOWN])
    return shown if len(every) <= _SHOWN else f"{shown} and {len(every) - _SHOWN} more"


def _refused(index: int, text: str, reason: str, **metadata: str) -> InvalidInput:
    return InvalidInput(f"rows[{index}]: {text}", reason=reason, metadata={"index": str(index), **metadata})
