# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
# A worker: the libraries of one domain, or of all with DOMAIN=vision,speech,nlp,recommendation,tabular, and one engine:
# ENGINE=cpu, or ENGINE=gpu with CUDA and cuDNN. The domain that it serves is its first argument.
ARG BASE_IMAGE=python:3.11-slim

FROM ${BASE_IMAGE} AS build
WORKDIR /dependencies
COPY pyproject.toml constraints.txt deploy/docker/*.sh deploy/docker/dependencies.py ./
ARG DOMAIN
ARG ENGINE=cpu
RUN --mount=type=secret,id=pip_config --mount=type=secret,id=pip_certificates --mount=type=cache,target=/root/.cache/pip \
    ./dependencies.sh "worker,${ENGINE},stores,otel,${DOMAIN}"
COPY . /build
RUN --mount=type=secret,id=pip_config --mount=type=secret,id=pip_certificates --mount=type=cache,target=/root/.cache/pip \
    /build/deploy/docker/install.sh onnxruntime argosy_worker.program \
    $(for domain in $(echo "${DOMAIN}" | tr , ' '); do echo "argosy_worker.domains.$domain.service"; done)

FROM ${BASE_IMAGE}
RUN rm -rf /usr/bin/pip* /usr/lib/python3/dist-packages/* /usr/lib/python3*/ensurepip /usr/share/python-wheels \
    /usr/local/bin/pip* /usr/local/lib/python3*/site-packages/* /usr/local/lib/python3*/ensurepip
COPY --from=build /opt/argosy /opt/argosy
ENV PATH=/opt/argosy/bin:/usr/local/bin:/usr/bin:/bin HOME=/tmp USER=argosy \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 65532:65532
EXPOSE 8101 9101
ENTRYPOINT ["python", "-m", "argosy_worker"]
CMD ["--help"]
