#!/bin/sh
# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
# pip with the index and the certificates of the building machine, where the build was given them: they come as secrets
# (tools/images), so no layer holds them.
set -eu
[ ! -s /run/secrets/pip_config ] || export PIP_CONFIG_FILE=/run/secrets/pip_config
[ ! -s /run/secrets/pip_certificates ] || export PIP_CERT=/run/secrets/pip_certificates
export PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
exec python3 -m pip --quiet --no-input "$@"
