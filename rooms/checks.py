"""System checks: a start that cannot work is refused with the line to set."""

from django.conf import settings
from django.core.checks import Error, register


@register()
def processes_share_a_layer(app_configs, **options):
    if settings.PROCESSES > 1 and not settings.REDIS_URL:
        return [
            Error(
                "Several processes need a common channel layer.",
                hint="Set REDIS_URL, or PROCESSES=1.",
                id="rooms.E001",
            )
        ]
    return []
