# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Names of models, as workers take them: a header, a label of a metric and a log line can carry them."""

import re

MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
