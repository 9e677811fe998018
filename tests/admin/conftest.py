import pytest
from django.contrib.auth.models import Permission
from django.test import Client


@pytest.fixture
def staff_of(django_user_model):
    """A function that returns the browser of a staff account with these rights only."""

    def make(*codenames):
        user = django_user_model.objects.create_user("dora", is_staff=True)
        rights = Permission.objects.filter(content_type__app_label="rooms")
        user.user_permissions.set(rights.filter(codename__in=codenames))
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def owner_client(admin_user):
    """The browser of the site's owner, who may do everything."""
    client = Client()
    client.force_login(admin_user)
    return client
