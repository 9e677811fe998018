"""The admin's sign-in, which nobody tries a thousand passwords at."""

from django.contrib import admin
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from rooms import throttle
from rooms.access import client_address
from rooms.exceptions import TooFast


@never_cache
def sign_in(request):
    """Stand before the admin's own page. Who is signed in already is not concerned."""
    if request.method == "POST":
        account = request.POST.get("username", "")
        try:
            throttle.count_sign_in(account, client_address(request))
        except TooFast as refusal:
            return _refused(request, refusal)
    return admin.site.login(request)


def _refused(request, refusal):
    words = {"heading": _("Too many attempts"), "advice": refusal.sentence}
    response = render(request, "error.html", words, status=refusal.status)
    response["Retry-After"] = str(refusal.retry_after)
    return response
