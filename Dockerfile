# Node builds the storefront; the final image does not contain Node.
FROM node:22-bookworm-slim AS storefront
WORKDIR /app/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci
COPY frontend/ ./
RUN npm run build


FROM python:3.11-slim-bookworm AS packages
COPY requirements.txt .
# What serving does not need is left out, about 300 MB: the packages' own tests, the bytecode of what the
# shop never imports, pandas, sources of translations, and locales other than the shop's languages.
RUN python -m venv --without-pip /opt/venv \
    && pip --python /opt/venv/bin/python install --no-cache-dir --no-compile -r requirements.txt \
    && rm -rf /opt/venv/lib/python3*/site-packages/pandas* \
    && find /opt/venv -type d -name tests -prune -exec rm -rf {} + \
    && find /opt/venv \( -name '*.po' -o -name '*.pyi' -o -name '*.pxd' \) -delete \
    && find /opt/venv -path '*/babel/locale-data/*.dat' \
        ! -name 'root.dat' ! -name 'en*.dat' ! -name 'de*.dat' -delete


FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=ecommerce_rec.settings_prod \
    VAR_DIR=/app/var \
    STATIC_ROOT=/app/static \
    METRICS_DIR=/tmp/metrics \
    NUMBA_CACHE_DIR=/app/var/numba
WORKDIR /app

RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin shop \
    && install --directory --owner=shop --mode=700 /app/var

COPY --from=packages /opt/venv /opt/venv
COPY manage.py ./
COPY ecommerce_rec ./ecommerce_rec
COPY recommendations ./recommendations
COPY --from=storefront /app/frontend/dist ./frontend/dist

# collectstatic uses no secret and opens no connection; production settings only require values. What
# it writes is root's alone, as everything that the shop writes, so `shop` gets to read it.
RUN SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(50))') \
    ALLOWED_HOSTS=build DATABASE_URL=postgres://build/build REDIS_URL=redis://build \
    python manage.py collectstatic --no-input --verbosity 0 \
    && chmod --recursive a+rX /app/static

# What processes import is compiled now: they may not write it, and would compile it at each start.
RUN python -m compileall -q ecommerce_rec recommendations \
    && DJANGO_SETTINGS_MODULE=ecommerce_rec.settings_dev DATABASE_URL=sqlite://:memory: \
    VAR_DIR=/app/imported STATIC_ROOT=/app/imported/static \
    python manage.py shell --command "import celery.bin.beat, celery.bin.worker, \
ecommerce_rec.beat, ecommerce_rec.serve, recommendations.api.urls, recommendations.tasks" \
    && rm -rf /app/imported

USER shop
VOLUME /app/var
EXPOSE 8000

HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", "\
from urllib.request import urlopen; \
urlopen('http://127.0.0.1:8000/api/health/ready', timeout=4)"]

# GRANIAN_WORKERS is the number of processes.
CMD ["python", "-m", "ecommerce_rec.serve", "--host", "0.0.0.0", "--port", "8000"]
