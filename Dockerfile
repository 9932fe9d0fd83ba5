# calsync in a slim image: the same locked, hashed packages as `make setup`, without root.
#
#   docker build -t calsync .
#   docker run -v calsync:/var/lib/calsync -e CALSYNC_SECURITY__KEYS_FILE=/run/secrets/calsync_keys ...
#
# Settings come from CALSYNC_* variables, or from a file named by CALSYNC_CONFIG.

FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/calsync && python -m venv /opt/build
COPY requirements.lock requirements-dev.lock ./
RUN /opt/calsync/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes -r requirements.lock
# Of the 600 API descriptions that come with Google's client one is used; the rest is 100 MB.
RUN find /opt/calsync -path "*/discovery_cache/documents/*" -type f ! -name calendar.v3.json -delete
# The build backend from the lock as well: left to itself pip would fetch the newest one.
RUN awk '/^[a-z]/ { kept = /^(hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers)==/ } kept' requirements-dev.lock > build.lock \
 && /opt/build/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes -r build.lock
COPY pyproject.toml README.md LICENSE ./
COPY calsync ./calsync
COPY providers ./providers
RUN /opt/build/bin/python -m pip wheel --quiet --disable-pip-version-check --no-cache-dir --no-deps --no-build-isolation --wheel-dir dist . \
 && /opt/calsync/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --no-deps dist/*.whl

FROM python:3.11-slim
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/calsync --create-home calsync
COPY --from=build /opt/calsync /opt/calsync
# An empty PYTHONTZPATH: time zones come from the locked tzdata, never from the image's older copy.
ENV PATH=/opt/calsync/bin:$PATH \
    PYTHONTZPATH="" \
    PYTHONUNBUFFERED=1
USER 10001:10001
# The default database, sqlite:///calsync.db, is here: give it a volume and run `calsync init` in it
# once, or use PostgreSQL and run `calsync db upgrade`.
WORKDIR /var/lib/calsync
VOLUME /var/lib/calsync
HEALTHCHECK --interval=30s --timeout=15s --start-period=60s CMD ["calsync", "health"]
ENTRYPOINT ["calsync"]
CMD ["run"]
