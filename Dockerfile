# Node builds the storefront; the final image does not contain Node.
FROM node:22-bookworm-slim AS storefront
WORKDIR /app/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci
COPY frontend/ ./
RUN npm run build


FROM python:3.11-slim-bookworm AS packages
# Optional parts, separated by spaces: artifacts (models in a bucket), traces (OpenTelemetry), meaning
# (search by meaning), pictures (what looks like a product).
ARG EXTRAS=""
COPY requirements.txt requirements-artifacts.txt requirements-traces.txt requirements-meaning.txt \
    requirements-pictures.txt ./
RUN python -m venv --without-pip /opt/venv \
    && set -- -r requirements.txt \
    && for extra in $EXTRAS; do set -- "$@" -r "requirements-$extra.txt"; done \
    && pip --python /opt/venv/bin/python install --no-cache-dir --no-compile "$@"
# What serving does not need is left out, about 350 MB: the packages' own tests, the bytecode of what the
# shop never imports, pandas, sources and headers, S3's siblings, and languages other than the shop's.
RUN cd /opt/venv/lib/python3*/site-packages \
    && rm -rf pandas* \
    && find . -type d -name tests -prune -exec rm -rf {} + \
    && find . \( -name '*.po' -o -name '*.pyi' -o -name '*.px[di]' -o -name '*.pyx' -o -name '*.[ach]' \) -delete \
    && find . -path './babel/locale-data/*.dat' \
        ! -name 'root.dat' ! -name 'en*.dat' ! -name 'de*.dat' -delete \
    && find . -path '*/locale/*' -name '*.mo' ! -path '*/locale/en*' ! -path '*/locale/de/*' -delete \
    && find ./faker/providers -mindepth 2 -type d -name '*_*' ! -name 'en_*' ! -name '__*' -prune \
        -exec rm -rf {} + \
    && find . -path './botocore/data/*' -prune -type d ! -name s3 ! -name sts ! -name 'sso*' ! -name signin \
        -exec rm -rf {} +


# The application with its static files. What it needs only while these are collected is left behind.
FROM python:3.11-slim-bookworm AS application
ENV PATH=/opt/venv/bin:$PATH \
    DJANGO_SETTINGS_MODULE=ecommerce_rec.settings_prod \
    STATIC_ROOT=/app/static
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY manage.py ./
COPY ecommerce_rec ./ecommerce_rec
COPY recommendations ./recommendations
COPY --from=storefront /app/frontend/dist ./frontend/dist

# collectstatic uses no secret and opens no connection; production settings only require values. What
# it writes is root's alone, as everything that the shop writes, so `shop` gets to read it. Source maps
# of the pages about the API are for those who write these pages. The shop serves what is collected
# here, never the packages' own copies.
RUN SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(50))') \
    ALLOWED_HOSTS=build DATABASE_URL=postgres://build/build REDIS_URL=redis://build \
    VAR_DIR=/app/build NUMBA_CACHE_DIR=/app/build/numba \
    python manage.py collectstatic --no-input --verbosity 0 \
    && rm -rf /app/build \
    && find /app/static -path '*/drf_spectacular_sidecar/*' -name '*.map*' -delete \
    && chmod --recursive a+rX /app/static \
    && find /opt/venv/lib/python3*/site-packages -type d -name static \
    ! -path '*/celery/*' -prune -exec rm -rf {} +

# What processes import is compiled now: they may not write it, and would compile it at each start.
# Nothing is left in the folder of the volume: it would be root's, and `shop` could not write there.
RUN python -m compileall -q ecommerce_rec recommendations \
    && DJANGO_SETTINGS_MODULE=ecommerce_rec.settings_dev DATABASE_URL=sqlite://:memory: \
    VAR_DIR=/app/imported STATIC_ROOT=/app/imported/static NUMBA_CACHE_DIR=/app/imported/numba \
    python manage.py shell --command "import celery.bin.beat, celery.bin.worker, \
ecommerce_rec.beat, ecommerce_rec.serve, recommendations.api.urls, recommendations.tasks" \
    && rm -rf /app/imported


FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=ecommerce_rec.settings_prod \
    VAR_DIR=/app/var \
    STATIC_ROOT=/app/static \
    METRICS_DIR=/tmp/metrics \
    NUMBA_CACHE_DIR=/app/var/numba
WORKDIR /app

COPY --from=application /opt/venv /opt/venv
COPY --from=application /app /app

RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin shop \
    && install --directory --owner=shop --mode=700 /app/var

USER shop
VOLUME /app/var
EXPOSE 8000

HEALTHCHECK --interval=15s --timeout=5s --start-period=180s --retries=3 CMD ["python", "-c", "\
from urllib.request import urlopen; \
urlopen('http://127.0.0.1:8000/api/health/ready', timeout=4)"]

# GRANIAN_WORKERS is the number of processes.
CMD ["python", "-m", "ecommerce_rec.serve", "--host", "0.0.0.0", "--port", "8000"]
