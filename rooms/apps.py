from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoomsConfig(AppConfig):
    name = "rooms"
    verbose_name = _("Chat")

    def ready(self):
        from rooms import checks, logins  # noqa: F401, PLC0415 - registers the checks

        logins.watch()
