# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Decoding of images."""

from bench import decode


def test_every_format_is_measured_in_every_size() -> None:
    found = decode.run(rounds=1, seconds=0.0, progress=lambda _text: None)
    assert len(found.table.rows) == len(decode.FORMATS) * len(decode.SIZES)
    assert all(sample["codec_s"] > 0 and sample["opencv_s"] > 0 for sample in found.rounds[0])
