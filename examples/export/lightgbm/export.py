# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""LightGBM: boosted trees for a regression."""

import sys
from pathlib import Path

import numpy as np
from lightgbm import LGBMRegressor
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType
from sklearn.datasets import load_diabetes

folder = Path(sys.argv[1])
data = load_diabetes(scaled=False)
rows = data.data.astype(np.float32)
model = LGBMRegressor(n_estimators=50, num_leaves=8, random_state=0, verbose=-1, n_jobs=1).fit(rows, data.target)
graph = convert_lightgbm(model, initial_types=[("input", FloatTensorType([None, rows.shape[1]]))], zipmap=False)
(folder / "model.onnx").write_bytes(graph.SerializeToString())
np.savez(folder / "samples.npz", rows[::40])
np.savez(folder / "expected.npz", model.predict(rows[::40]).astype(np.float32).reshape(-1, 1))
(folder / "features.txt").write_text("\n".join(data.feature_names))
