from django.urls import path

from rooms.views.files import download
from rooms.views.health import health
from rooms.views.messages import post_message
from rooms.views.room import leave, room
from rooms.views.uploads import upload, uploads
from rooms.views.welcome import welcome

app_name = "rooms"
urlpatterns = [
    path("", welcome, name="welcome"),
    path("rooms/<str:public_id>/", room, name="room"),
    path("rooms/<str:public_id>/leave/", leave, name="leave"),
    path("rooms/<str:public_id>/messages/", post_message, name="post"),
    path("rooms/<str:public_id>/files/<str:attachment_id>/", download, name="file"),
    path("rooms/<str:public_id>/uploads/", uploads, name="uploads"),
    path("rooms/<str:public_id>/uploads/<str:attachment_id>/", upload, name="upload"),
    path("health/", health, name="health"),
]
