"""Refusals as answers to programs; pages show them in their own places."""

from django.http import JsonResponse


def refused_response(refusal):
    """Return a refusal as JSON, with its status and when to try again."""
    response = JsonResponse(refusal.fields, status=refusal.status)
    if refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
    return response
