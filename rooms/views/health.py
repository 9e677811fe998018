from django.db import DatabaseError, connection
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from rooms import live


@never_cache
@require_safe
def health(request):
    """200 while messages can be stored; "degraded" when only the layer fails."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "down"}, status=503)
    return JsonResponse({"status": "degraded" if live.is_degraded() else "ok"})
