# The portal's image: web, worker and beat are the same image with different commands (docker-compose.yml).
FROM python:3.11-slim AS base
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
ENV ENVIRONMENT=production VAR_DIR=/var/lib/websesam STATIC_ROOT=/app/static-collected
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin websesam \
    && install --directory --owner=websesam --group=websesam --mode=0750 /var/lib/websesam
WORKDIR /app

FROM base AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/venv
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock

FROM packages AS packages-trial
COPY requirements-embedded.lock ./
RUN pip install --require-hashes -r requirements-embedded.lock

# The stand-in for SESAM2, for a trial on one's own machine. The portal never runs from this image.
FROM base AS trial
COPY --from=packages-trial /opt/venv /opt/venv
COPY . .
USER websesam
EXPOSE 8001

FROM base AS portal
COPY --from=packages /opt/venv /opt/venv
COPY . .
# Static files belong to this version and so to the image. The values are for this one command, and nobody's.
RUN SECRET_KEY=only-while-building-the-image SESAM2_KEYS=build=nothing SESAM2_KEY_ID=build python manage.py collectstatic --no-input --verbosity 0
USER websesam
VOLUME /var/lib/websesam
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 CMD ["python", "-m", "websesam.probe", "http://127.0.0.1:8000/healthz"]
CMD ["python", "-m", "gunicorn", "websesam.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--graceful-timeout", "10", "--no-control-socket"]
