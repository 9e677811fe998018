"""System checks: a start that cannot work is refused with the line to set."""

import shlex
import shutil

from django.conf import settings
from django.core.checks import Error, register


@register()
def scanner_is_there(app_configs, **options):
    program = shlex.split(settings.SCAN_COMMAND)[:1]
    if program and shutil.which(program[0]) is None:
        return [
            Error(
                f"The virus scanner {program[0]} is not there.",
                hint="Install it, or leave SCAN_COMMAND empty.",
                id="rooms.E002",
            )
        ]
    return []


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
