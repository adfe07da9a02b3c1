# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
# The control plane, the controller of models and what writes Envoy's bootstrap; the module is the first argument.
ARG BASE_IMAGE=python:3.11-slim

FROM ${BASE_IMAGE} AS build
WORKDIR /dependencies
COPY pyproject.toml constraints.txt deploy/docker/*.sh deploy/docker/dependencies.py ./
RUN --mount=type=secret,id=pip_config --mount=type=secret,id=pip_certificates --mount=type=cache,target=/root/.cache/pip \
    ./dependencies.sh controller numpy
COPY . /build
RUN --mount=type=secret,id=pip_config --mount=type=secret,id=pip_certificates --mount=type=cache,target=/root/.cache/pip \
    /build/deploy/docker/install.sh argosy_gateway.__main__ argosy_gateway.bootstrap argosy_gateway.standby \
    argosy_gateway.controller.__main__ argosy_gateway.discovery.kubernetes.source

FROM ${BASE_IMAGE}
RUN rm -rf /usr/bin/pip* /usr/lib/python3/dist-packages/* /usr/lib/python3*/ensurepip /usr/share/python-wheels \
    /usr/local/bin/pip* /usr/local/lib/python3*/site-packages/* /usr/local/lib/python3*/ensurepip
COPY --from=build /opt/argosy /opt/argosy
ENV PATH=/opt/argosy/bin:/usr/local/bin:/usr/bin:/bin HOME=/tmp USER=argosy \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 65532:65532
EXPOSE 18000 18001
ENTRYPOINT ["python", "-m"]
CMD ["argosy_gateway", "--help"]
