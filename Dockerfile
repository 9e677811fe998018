# Chatsite in a container; docker-compose.yml runs it, docs/deployment.md explains it.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin chat \
 && install -d -o chat -g chat /data
WORKDIR /app

COPY requirements.txt .
RUN pip install --require-hashes -r requirements.txt

COPY . .
# At run time the code is read-only, so what Python and gettext read is compiled here.
RUN python -m compileall -q chatsite rooms \
 && DATA_DIR=/tmp/data python manage.py compile_translations \
 && rm -r /tmp/data

# TMPDIR: long request bodies wait on the volume, not in memory.
ENV HOST=0.0.0.0 PORT=8000 DATA_DIR=/data TMPDIR=/data/incoming
VOLUME /data
EXPOSE 8000
USER chat
CMD ["python", "-m", "chatsite.server"]
