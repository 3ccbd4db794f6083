# syntax=docker/dockerfile:1
# The product as one image: `serve`, `watch`, and every command. docs/deployment.md says how to run it.

FROM python:3.12-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY domain domain
COPY config config
COPY ingest ingest
COPY vision vision
COPY rules rules
COPY cases cases
COPY storage storage
COPY console console
COPY app app
RUN python -m venv /opt/longcheng \
    && /opt/longcheng/bin/pip install ".[postgres,apprise]" \
    && ln -s "$(/opt/longcheng/bin/python -c 'import pathlib, config; print(pathlib.Path(config.__file__).parent / "rules")')" /opt/longcheng/rules

FROM python:3.12-slim-bookworm
# zstd and pg_dump are for `longcheng backup`. pg_dump must be of the server's version: compose runs PostgreSQL 16, and
# Debian 12 has 15, so it comes from PostgreSQL's own packages.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates postgresql-common tzdata zstd \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install -y --no-install-recommends postgresql-client-16 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 longcheng \
    && useradd --system --uid 10001 --gid longcheng --home-dir /var/lib/longcheng --shell /usr/sbin/nologin longcheng \
    && install -d -o longcheng -g longcheng -m 0700 /var/lib/longcheng /backups
COPY --from=build /opt/longcheng /opt/longcheng
ENV PATH=/opt/longcheng/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LONGCHENG_SITE=/etc/longcheng/site \
    LONGCHENG_DATA=/var/lib/longcheng/data \
    LONGCHENG_RULES=/opt/longcheng/rules \
    LONGCHENG_CONSOLE_HOST=0.0.0.0
USER 10001:10001
WORKDIR /var/lib/longcheng
VOLUME /var/lib/longcheng
EXPOSE 8080
# `serve` handles SIGTERM itself, as process 1 too, and collects the children it starts: no init is needed.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["longcheng"]
CMD ["serve"]
