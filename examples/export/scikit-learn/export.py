# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""scikit-learn: a pipeline that scales features and classifies, with probabilities as a tensor (no ZipMap)."""

import sys
from pathlib import Path

import numpy as np
from skl2onnx import to_onnx
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

folder = Path(sys.argv[1])
wine = load_wine()
rows = wine.data.astype(np.float32)
model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(rows, wine.target_names[wine.target])
graph = to_onnx(model, rows[:1], options={"zipmap": False})
(folder / "model.onnx").write_bytes(graph.SerializeToString())
np.savez(folder / "samples.npz", rows[::20])
np.savez(folder / "expected.npz", probabilities=model.predict_proba(rows[::20]).astype(np.float32))
(folder / "features.txt").write_text("\n".join(wine.feature_names))
