"""The settings of a Django that is measured: as its documentation says for production, and nothing that is not needed."""

import os
from urllib.parse import urlsplit

SECRET_KEY = "for measurements on this machine only"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "peer.urls"
USE_TZ = True
TIME_ZONE = "Asia/Seoul"
LANGUAGE_CODE = "ko"
INSTALLED_APPS = ["rest_framework", "channels", "peer"]
# What Django's own project template has, as far as a page for everybody needs it.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
}

if address := os.environ.get("PEER_DATABASE"):
    database = urlsplit(address)
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": database.path.lstrip("/"),
            "USER": database.username,
            "PASSWORD": database.password,
            "HOST": database.hostname,
            "PORT": database.port,
            "OPTIONS": {"pool": True},
        }
    }

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # A message that finds a channel full is thrown away. Here every one has to arrive.
        "CONFIG": {"hosts": [os.environ.get("PEER_REDIS", "redis://127.0.0.1:6379")], "capacity": 100_000, "expiry": 600},
    }
}
