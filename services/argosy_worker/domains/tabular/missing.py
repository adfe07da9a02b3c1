# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How a model reads features: their names, their range, and what stands in for those that are missing."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import ANY, Port, invalid
from argosy_worker.domains.tabular.features import FeatureReader
from argosy_worker.repository.sections.tabular import TabularSection

#: Largest whole number up to which doubles hold every one.
_EXACT = 2**53


def prepare_features(section: TabularSection, port: Port, background: NDArray[np.float32] | None) -> FeatureReader:
    """The reader of a model's features.

    Raises:
        argosy_worker.errors.ModelInvalid: the section contradicts itself.
    """
    names = tuple(feature.name for feature in section.features)
    if len(set(names)) != len(names):
        raise invalid("tabular.features", "two features have the same name")
    if section.timesteps is not None and not section.sequences:
        raise invalid("tabular.timesteps", "must be null where sequences is false")
    low, high = _range(port.dtype)
    stand_ins = _stand_ins(section, background)
    if ((stand_ins < low) | (stand_ins > high)).any():
        raise invalid("tabular.missing", f"what stands in for a missing value must be from {low:g} to {high:g}")
    lacking = np.isnan(stand_ins)
    return FeatureReader(
        names=names,
        known=frozenset(names),
        sequences=section.sequences,
        timesteps=_timesteps(section, port),
        max_timesteps=section.max_timesteps,
        low=low,
        high=high,
        stand_ins=None if lacking.all() else stand_ins,
        needed=frozenset(name for name, lacks in zip(names, lacking.tolist(), strict=True) if lacks),
    )


def _stand_ins(section: TabularSection, background: NDArray[np.float32] | None) -> NDArray[np.float64]:
    """[features]; NaN where nothing stands in."""
    chosen = [section.missing if feature.missing is None else feature.missing for feature in section.features]
    if "mean" not in chosen:
        return np.array([np.nan if value is None else value for value in chosen], np.float64)
    if background is None:
        raise invalid("tabular.missing", "is 'mean', and there is no tabular.background to take it of")
    means = background.reshape(-1, len(chosen)).mean(axis=0, dtype=np.float64).tolist()
    found = [mean if value == "mean" else value for value, mean in zip(chosen, means, strict=True)]
    return np.array([np.nan if value is None else value for value in found], np.float64)


def _timesteps(section: TabularSection, port: Port) -> int | None:
    """Length of a sequence, which the graph may fix where the configuration does not."""
    if not section.sequences or section.timesteps is not None:
        return section.timesteps
    return None if port.extent(0) == ANY else port.extent(0)


def _range(dtype: np.dtype[Any]) -> tuple[float, float]:
    """Least and greatest value that is accepted for an input of a type; never beyond FP32."""
    if dtype.kind in "iu":
        whole = np.iinfo(dtype)
        return float(max(whole.min, -_EXACT)), float(min(whole.max, _EXACT))
    largest = float(min(np.finfo(dtype).max, np.finfo(np.float32).max))
    return -largest, largest
