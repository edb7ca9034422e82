# syntax=docker/dockerfile:1
# The gateway alone, for production: no simulators, no tests, no secrets.

FROM python:3.13-slim-trixie AS build
WORKDIR /src
COPY locks/runtime.txt locks/
RUN python -m venv /opt/gerbang \
    && /opt/gerbang/bin/python -m pip install --no-cache-dir --require-hashes --only-binary :all: -r locks/runtime.txt
COPY schemas schemas
COPY adapters adapters
COPY gateway gateway
COPY config config
# pip compiles the libraries, but nothing compiles our modules, and the gateway may not write beside them: each start
# would compile them again. Unchecked, since their source never changes in an image, whatever times a copy gives it.
RUN /opt/gerbang/bin/python -m compileall -q --invalidation-mode unchecked-hash schemas adapters gateway

FROM python:3.13-slim-trixie
RUN useradd --system --uid 10001 --home-dir /var/lib/gerbang --create-home --shell /usr/sbin/nologin gerbang
COPY --from=build /opt/gerbang /opt/gerbang
COPY --from=build --chown=root:root /src /srv/gerbang
WORKDIR /srv/gerbang
ENV PATH=/opt/gerbang/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    GERBANG_HOME=/var/lib/gerbang \
    GERBANG_HOST=0.0.0.0
VOLUME /var/lib/gerbang
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/livez', timeout=2)"]
ENTRYPOINT ["python", "-m", "gateway.cli"]
CMD ["serve"]
