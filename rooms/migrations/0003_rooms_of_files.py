from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    message = apps.get_model("rooms", "Message").objects.filter(pk=OuterRef("message"))
    attachments = apps.get_model("rooms", "Attachment").objects.filter(room=None)
    attachments.update(room=Subquery(message.values("room")[:1]))


class Migration(migrations.Migration):
    dependencies = [("rooms", "0002_uploads")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
