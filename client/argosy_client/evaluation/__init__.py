# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How good a model is: labelled data through the fleet, figures and pictures. Needs the extra ``evaluate``."""
