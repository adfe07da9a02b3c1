# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""PyTorch: a small convolutional network for images, with a batch that may have any size."""

import sys
from pathlib import Path

import numpy as np
import torch

torch.manual_seed(0)
folder = Path(sys.argv[1])
layers = [
    torch.nn.Conv2d(3, 8, 3),
    torch.nn.ReLU(),
    torch.nn.AdaptiveAvgPool2d(1),
    torch.nn.Flatten(),
    torch.nn.Linear(8, 5),
]
model = torch.nn.Sequential(*layers).eval()  # eval(): no dropout, and BatchNorm uses what it has learned
images = torch.randn(4, 3, 32, 32)  # an example of 2 items or more, or the batch is taken for a constant
torch.onnx.export(
    model,
    (images,),
    folder / "model.onnx",
    input_names=["image"],
    output_names=["logits"],
    dynamic_shapes=({0: "batch"},),
    external_data=False,
)
np.savez(folder / "samples.npz", image=images.numpy())
np.savez(folder / "expected.npz", logits=model(images).detach().numpy())
(folder / "labels.txt").write_text("circle\nsquare\ntriangle\nstar\nnothing\n")
