# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a fleet does now: ``scrape`` reads its workers' metrics, ``rates`` makes figures of two reads."""
