# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""From a graph that was exported elsewhere to a model that is served: diagnosis, model.yaml, golden samples, proof.

Needs the extra ``add`` (onnx and onnxruntime), which no other part of the client imports.
"""
