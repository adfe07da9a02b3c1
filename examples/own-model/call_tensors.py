# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls the model by its tensors, with Triton's own client."""

import os

import numpy as np
import tritonclient.grpc as triton

with triton.InferenceServerClient(os.environ.get("ARGOSY_ADDRESS", "127.0.0.1:8080")) as client:
    celsius = triton.InferInput("celsius", [3, 1], "FP32")
    celsius.set_data_from_numpy(np.array([[0], [37], [100]], np.float32))
    answer = client.infer("thermometer", [celsius], headers={"x-model": "thermometer"})
    print(answer.as_numpy("fahrenheit").round(1).ravel().tolist())
