#!/bin/sh
# Makes images of Debian that stand in for the official ones, for a machine that reaches no registry of
# images. Run it as root, with podman and debootstrap. The names are those of the Dockerfile and of
# docker-compose.prod.yml, so builds and containers take the stand-ins unasked.
#
#   FOLDER   a folder for Debian's files (/var/tmp/shop-stand-ins)
#   MIRROR   a mirror of Debian
set -eu
folder=${FOLDER:-/var/tmp/shop-stand-ins}
certificates=/etc/ssl/certs/ca-certificates.crt
export DEBIAN_FRONTEND=noninteractive
mkdir -p "$folder"

# --- Python, and Node on top --------------------------------------------------------------------
python=$folder/python
[ -e "$python/usr/bin/pip" ] || debootstrap --variant=minbase \
    --include=ca-certificates,python3,python3-venv,python3-pip,netbase,tzdata \
    bookworm "$python" ${MIRROR:+"$MIRROR"}
# The names of the official image, and a pip that installs without being asked twice.
ln -sf python3 "$python/usr/bin/python"
rm -f "$python"/usr/lib/python3*/EXTERNALLY-MANAGED
cp "$certificates" "$python$certificates"
trust="--change ENV=PIP_CERT=$certificates --change ENV=NODE_EXTRA_CA_CERTS=$certificates"
# shellcheck disable=SC2086  # the options are several words
tar --create --directory "$python" --exclude './var/cache/apt/*' --exclude './dev/*' . |
    podman import --quiet $trust - docker.io/library/python:3.11-slim-bookworm

build() {
    podman build --quiet --network host --tag "docker.io/library/$1" --file - "$folder/context"
}

mkdir -p "$folder/context"
cp "$(command -v node)" "$folder/context/node"
cp -R "$(dirname "$(readlink -f "$(command -v npm)")")/.." "$folder/context/npm"
build node:22-bookworm-slim <<'END'
FROM docker.io/library/python:3.11-slim-bookworm
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
END

# --- The servers --------------------------------------------------------------------------------
build postgres:17-bookworm <<'END'
FROM docker.io/library/python:3.11-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends postgresql && apt-get clean \
    && rm -rf /var/lib/postgresql/* && install -d -o postgres -m 700 /var/lib/postgresql/data
ENV PATH=/usr/lib/postgresql/15/bin:/usr/bin:/bin PGDATA=/var/lib/postgresql/data \
    PGHOST=/tmp
RUN printf '%s\n' 'set -e' \
    'if [ ! -s "$PGDATA/PG_VERSION" ]; then' \
    '  printf %s "$POSTGRES_PASSWORD" >/tmp/password' \
    '  initdb --locale C.UTF-8 --username "$POSTGRES_USER" --pwfile /tmp/password --auth scram-sha-256' \
    '  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"' \
    '  echo "unix_socket_directories = \047/tmp\047" >>"$PGDATA/postgresql.conf"' \
    '  pg_ctl --wait start' \
    '  [ "$POSTGRES_DB" = postgres ] || PGPASSWORD="$POSTGRES_PASSWORD" createdb --username "$POSTGRES_USER" "$POSTGRES_DB"' \
    '  pg_ctl --wait stop' \
    'fi' \
    'exec postgres -h "*"' >/usr/local/bin/start
VOLUME /var/lib/postgresql/data
USER postgres
STOPSIGNAL SIGINT
CMD ["sh", "/usr/local/bin/start"]
END

build redis:7-bookworm <<'END'
FROM docker.io/library/python:3.11-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends redis-server && apt-get clean \
    && install -d -o redis -m 700 /data
WORKDIR /data
VOLUME /data
USER redis
END

build nginx:1.28-bookworm <<'END'
FROM docker.io/library/python:3.11-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends nginx-light curl && apt-get clean \
    && useradd --system --non-unique --uid 101 --shell /usr/sbin/nologin nginx
STOPSIGNAL SIGQUIT
END
podman images
