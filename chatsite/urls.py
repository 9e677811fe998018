from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from rooms.admin.sign_in import sign_in

admin.site.site_title = admin.site.site_header = "Chatsite"

urlpatterns = [
    path("", include("rooms.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("admin/login/", sign_in),
    path("admin/", admin.site.urls),
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}icon.svg")),
]
