from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from rooms import actions, texts, throttle
from rooms.access import browser_of, client_address, make_browser
from rooms.exceptions import NameTaken, Refusal
from rooms.forms import JoinForm
from rooms.models import Membership


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request):
    if request.method != "POST":
        form = JoinForm(initial={"name": request.session.get("name", "")})
        return _page(request, form)
    if "make_number" in request.POST:
        return _page_with_number(request)
    form = JoinForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    return _join(request, form)


def _join(request, form):
    name, number = form.cleaned_data["name"], form.cleaned_data["number"]
    browser = make_browser(request.session)
    user = request.user if request.user.is_authenticated else None
    try:
        throttle.count_join(browser, client_address(request), number)
        joined = actions.join_room(number, name, browser=browser, user=user)
    except Refusal as refusal:
        return _refused(request, form, refusal)
    request.session["name"] = joined.membership.name
    messages.success(request, _greeting(joined))
    page = reverse("rooms:room", args=[joined.membership.room.public_id])
    return redirect(f"{page}#latest")


def _greeting(joined):
    if joined.room_is_new:
        return _("Room created")
    if joined.was_member:
        return _("Welcome back, %(name)s!") % {"name": joined.membership.name}
    return _("Welcome to the chat room!")


def _refused(request, form, refusal):
    form.add_error("name" if isinstance(refusal, NameTaken) else None, refusal.sentence)
    response = _page(
        request,
        form,
        status=refusal.status,
        suggestion=refusal.values.get("suggestion"),
    )
    if refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
    return response


def _page_with_number(request):
    number = texts.make_number()
    form = JoinForm(initial={"name": request.POST.get("name", ""), "number": number})
    form.fields["number"].widget.input_type = "text"
    return _page(request, form, made_number=number)


def _page(request, form, *, status=200, **context):
    for name in form.errors:
        if name in form.fields:
            form.fields[name].widget.attrs["aria-invalid"] = "true"
    mine = Membership.objects.of_browser(browser_of(request.session))
    context |= {
        "form": form,
        "memberships": mine.select_related("room").order_by("-joined_at"),
    }
    return render(request, "rooms/welcome.html", context, status=status)
