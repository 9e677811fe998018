from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from rooms import actions, events, throttle
from rooms.access import member_required
from rooms.exceptions import Refusal
from rooms.forms import PostForm
from rooms.views.refusing import refused_response
from rooms.views.room import room_page


@never_cache
@require_POST
@member_required
def post_message(request, membership):
    form = PostForm(request.POST)
    try:
        if not form.is_valid():
            form.refuse()
        throttle.count_post(membership.pk)
        posted = actions.post_message(
            membership,
            client_id=form.cleaned_data["client_id"],
            body=form.cleaned_data["body"],
            uploads=request.FILES.getlist("files"),
        )
    except Refusal as refusal:
        return _refused(request, membership, refusal)
    if request.accepts("text/html"):
        page = reverse("rooms:room", args=[membership.room.public_id])
        return redirect(f"{page}#latest")
    state = [events.fields_of(posted.message, get_language())]
    return JsonResponse({"type": "state", "events": state}, status=201)


def _refused(request, membership, refusal):
    if not request.accepts("text/html"):
        return refused_response(refusal)
    response = room_page(
        request, membership, refusal=refusal, body=request.POST.get("body", "")
    )
    if refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
    return response
