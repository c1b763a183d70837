# okr-sync in a small image, run by a user without rights. It holds no config and no secret: both are mounted.
#   docker build . --tag okr-sync
#   docker run --rm --read-only --tmpfs /tmp --volume "$PWD:/etc/okr-sync:ro" --env-file secrets.env okr-sync run
# Files that only you may read are read with --user "$(id -u):$(id -g)"; any user will do.
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY okr okr
COPY mappings mappings
COPY connectors connectors
COPY sync sync
COPY sandbox sandbox
ARG EXTRAS=notify,postgresql,mysql
RUN python -m venv /opt/okr-sync && /opt/okr-sync/bin/pip install --no-cache-dir ".[${EXTRAS}]"

FROM python:3.12-slim
RUN groupadd --gid 10001 okr-sync && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin okr-sync
COPY --from=build /opt/okr-sync /opt/okr-sync
ENV PATH=/opt/okr-sync/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
WORKDIR /etc/okr-sync
USER 10001:10001
ENTRYPOINT ["okr-sync"]
CMD ["--help"]
