"""Settings of the compared chat: as the Channels tutorial ends, with Redis pub/sub.

The database is only used by the one ORM transaction per message that posts are compared
with; it is set up like ours, so that only the code differs.
"""

import os

from chatsite.environment import read_database

SECRET_KEY = "for a benchmark on loopback"
ALLOWED_HOSTS = ["127.0.0.1"]
USE_TZ = True
INSTALLED_APPS = [
    "daphne",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "channels",
    "bench.tutorial",
]
ASGI_APPLICATION = "bench.tutorial.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [os.environ["REDIS_URL"]]},
    }
}
DATABASES = {"default": read_database("unused")}
if os.environ.get("KEEP_CONNECTIONS"):  # not Django's default
    DATABASES["default"]["CONN_MAX_AGE"] = None
DATABASES["default"]["OPTIONS"].pop("pool", None)
