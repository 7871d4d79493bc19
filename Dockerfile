# Builds once, runs small: the compilers and pip's cache stay in the first stage.
FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements.txt constraints.txt /build/
RUN /opt/venv/bin/pip install --quiet -r /build/requirements.txt

FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings
RUN groupadd --gid 10001 razbor \
 && useradd --uid 10001 --gid razbor --home-dir /app --shell /usr/sbin/nologin razbor
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY . .
# Static files are part of the image; the key is only for this command and reaches no layer's environment.
RUN python -m compileall -q /app \
 && mkdir -p var \
 && SECRET_KEY=only-for-collecting-static-files python manage.py collectstatic --noinput --verbosity 0 \
 && chown -R razbor:razbor var
USER razbor
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=3)"]
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", \
     "--worker-tmp-dir", "/dev/shm", "--graceful-timeout", "30", "--max-requests", "5000", \
     "--max-requests-jitter", "500", "--access-logfile", "-", "--logger-class", "config.access_log.AccessLog"]
