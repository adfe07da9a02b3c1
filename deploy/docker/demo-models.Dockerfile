# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
# The demo models as files, and a program that copies them into a volume.
ARG BASE_IMAGE=python:3.11-slim

FROM ${BASE_IMAGE}
RUN rm -rf /usr/bin/pip* /usr/lib/python3/dist-packages/* /usr/lib/python3*/ensurepip /usr/share/python-wheels \
    /usr/local/bin/pip* /usr/local/lib/python3*/site-packages/* /usr/local/lib/python3*/ensurepip
COPY models /models
COPY --chmod=755 deploy/docker/copy_models.py /usr/local/bin/argosy-copy-models
ENV PATH=/usr/local/bin:/usr/bin:/bin PYTHONDONTWRITEBYTECODE=1
USER 65532:65532
ENTRYPOINT ["argosy-copy-models"]
CMD ["--help"]
