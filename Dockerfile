# Two images from one file:
#   docker build --target serve -t abonement-serve .    the server: starts in a moment, without the night's libraries
#   docker build --target night -t abonement-night .    load, fit, nightly, report: the whole of it
# Neither runs as root; /workspace is a volume that both share. Packages are installed by their hashes. The base is a tag that
# moves; pin it by the digest that you have looked at (`docker buildx imagetools inspect python:3.11-slim` shows it):
#   docker build --build-arg PYTHON_IMAGE=python:3.11-slim@sha256:DIGEST --target serve -t abonement-serve .
ARG PYTHON_IMAGE=python:3.11-slim
FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
COPY docs/deploy/build-requirements.lock /tmp/
RUN pip install --no-cache-dir --require-hashes --requirement /tmp/build-requirements.lock
COPY pyproject.toml README.md LICENSE serve.py ./
COPY engine engine
COPY models models
COPY training training
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels .

FROM ${PYTHON_IMAGE} AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ABONEMENT_WORKSPACE=/workspace
RUN useradd --system --uid 10001 --create-home abonement && install -d -o abonement -g abonement /workspace
COPY --from=build /wheels /wheels
VOLUME /workspace

FROM base AS serve
COPY docs/deploy/serve-requirements.lock /tmp/
RUN pip install --no-cache-dir --require-hashes --requirement /tmp/serve-requirements.lock \
    && pip install --no-cache-dir --no-deps /wheels/*.whl
USER abonement
ENV ABONEMENT_CLOCK=system ABONEMENT_HOST=0.0.0.0
EXPOSE 8000
CMD ["python", "-m", "serve"]

FROM base AS night
# OpenMP, which LightGBM's wheel expects of the system.
RUN apt-get update && apt-get install --yes --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
COPY requirements.lock /tmp/
RUN pip install --no-cache-dir --require-hashes --requirement /tmp/requirements.lock \
    && pip install --no-cache-dir --no-deps /wheels/*.whl
USER abonement
ENTRYPOINT ["abonement"]
CMD ["--help"]
