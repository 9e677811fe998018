"""The site's own settings on a throw-away data folder.

TEST_DATABASE_URL runs the same tests on another database, such as PostgreSQL.
"""

import os
import tempfile

for name in ("SITE_URL", "SECRET_KEY", "REDIS_URL", "DEBUG", "HOST", "PORT"):
    os.environ.pop(name, None)
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="chatsite-test-")
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", "")

from chatsite.settings import *  # noqa: E402, F403
from chatsite.settings import DATA_DIR, DATABASES, STORAGES  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite"):  # threads need a file
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
STORAGES["staticfiles"]["BACKEND"] = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
)
SERVESTATIC_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
