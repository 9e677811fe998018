from django.urls import path

from rooms.views.files import download
from rooms.views.health import health
from rooms.views.messages import post_message
from rooms.views.pictures import picture, thumbnail
from rooms.views.receipts import received
from rooms.views.room import leave, room
from rooms.views.shelf import delete_file, shelf
from rooms.views.uploads import upload, uploads
from rooms.views.welcome import welcome
from rooms.views.zips import zip_files

FILE = "rooms/<str:public_id>/files/<str:attachment_id>"

app_name = "rooms"
urlpatterns = [
    path("", welcome, name="welcome"),
    path("rooms/<str:public_id>/", room, name="room"),
    path("rooms/<str:public_id>/leave/", leave, name="leave"),
    path("rooms/<str:public_id>/messages/", post_message, name="post"),
    path("rooms/<str:public_id>/files/", shelf, name="shelf"),
    path("rooms/<str:public_id>/files.zip", zip_files, name="zip"),
    path(f"{FILE}/", download, name="file"),
    path(f"{FILE}/thumbnail/", thumbnail, name="thumbnail"),
    path(f"{FILE}/picture/", picture, name="picture"),
    path(f"{FILE}/received/", received, name="received"),
    path(f"{FILE}/delete/", delete_file, name="delete_file"),
    path("rooms/<str:public_id>/uploads/", uploads, name="uploads"),
    path("rooms/<str:public_id>/uploads/<str:attachment_id>/", upload, name="upload"),
    path("health/", health, name="health"),
]
