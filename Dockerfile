# Two images from one file:
#   docker build --target serve -t abonement-serve .    the server: starts in a moment, without the night's libraries
#   docker build --target night -t abonement-night .    load, fit, nightly, report: the whole of it
# Neither runs as root; /workspace is a volume that both share.
FROM python:3.11-slim AS build
WORKDIR /src
RUN pip install --no-cache-dir "hatchling>=1.27"
COPY pyproject.toml README.md LICENSE serve.py ./
COPY engine engine
COPY models models
COPY training training
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels .

FROM python:3.11-slim AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ABONEMENT_WORKSPACE=/workspace
RUN useradd --system --uid 10001 --create-home abonement && install -d -o abonement -g abonement /workspace
COPY --from=build /wheels /wheels
VOLUME /workspace

FROM base AS serve
COPY docs/deploy/serve-requirements.txt requirements.lock /tmp/
# The lock as constraints: its releases, without its hashes, which pip wants for all packages or none.
RUN sed -e '/--hash=/d' -e 's/ *\\$//' /tmp/requirements.lock > /tmp/constraints.txt \
    && pip install --no-cache-dir --requirement /tmp/serve-requirements.txt --constraint /tmp/constraints.txt \
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
