# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
# The whole fleet with the demo models in one container, for a caller's own CI: docker run -p 8080:8080 IMAGE.
ARG BASE_IMAGE=python:3.11-slim

FROM ${BASE_IMAGE} AS build
WORKDIR /dependencies
COPY pyproject.toml constraints.txt deploy/docker/*.sh deploy/docker/dependencies.py ./
RUN --mount=type=secret,id=pip_config --mount=type=secret,id=pip_certificates --mount=type=cache,target=/root/.cache/pip \
    ./dependencies.sh all
COPY . /build
RUN --mount=type=secret,id=pip_config --mount=type=secret,id=pip_certificates --mount=type=cache,target=/root/.cache/pip \
    /build/deploy/docker/install.sh argosy_worker.program argosy_gateway.__main__ argosy_client.cli.app

FROM ${BASE_IMAGE}
RUN rm -rf /usr/bin/pip* /usr/lib/python3/dist-packages/* /usr/lib/python3*/ensurepip /usr/share/python-wheels \
    /usr/local/bin/pip* /usr/local/lib/python3*/site-packages/* /usr/local/lib/python3*/ensurepip
COPY --from=build /opt/argosy /opt/argosy
WORKDIR /srv/argosy
COPY models models
COPY deploy/local deploy/local
ENV PATH=/opt/argosy/bin:/usr/local/bin:/usr/bin:/bin HOME=/tmp USER=argosy \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["argosy"]
CMD ["up", "--bind", "0.0.0.0", "--run-folder", "/tmp/run"]
