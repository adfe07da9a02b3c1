# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Facts about a WAV clip."""

import io
import wave


def duration_s(wav: bytes) -> float:
    """Duration of a PCM WAV file, in seconds. Raises wave.Error for anything else."""
    with wave.open(io.BytesIO(wav)) as clip:
        return float(clip.getnframes() / clip.getframerate())
