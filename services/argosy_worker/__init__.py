# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Argosy's worker: serves the ONNX models of one domain over gRPC."""
