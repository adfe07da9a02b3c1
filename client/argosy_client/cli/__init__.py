# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The command line. Needs the extra ``cli``; each verb is a module that is imported when it is used."""
