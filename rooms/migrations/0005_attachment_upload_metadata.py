from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rooms', '0004_every_file_has_a_room'),
    ]

    operations = [
        migrations.AddField(
            model_name='attachment',
            name='upload_metadata',
            field=models.TextField(blank=True, default='', editable=False, help_text='As tus has it, while it comes.'),
        ),
    ]
