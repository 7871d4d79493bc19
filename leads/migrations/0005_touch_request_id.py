from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0004_public_forms")]

    operations = [
        migrations.AddField(
            model_name="touch",
            name="request_id",
            field=models.UUIDField(help_text="the client's, against double clicks", null=True, unique=True),
        ),
    ]
