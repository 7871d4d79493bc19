import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def remember_what_was_joined(apps, schema_editor):
    """A source joined before was archived, and its code became another name of the other one."""
    Source, SourceAlias = apps.get_model("leads", "Source"), apps.get_model("leads", "SourceAlias")
    for source in Source.objects.filter(archived_at__isnull=False):
        alias = SourceAlias.objects.filter(name=source.code[:100]).exclude(source=source).first()
        if alias is not None:
            source.merged_into_id = alias.source_id
            source.save(update_fields=["merged_into"])


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0009_import_wizard'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FirstRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('began_at', models.DateTimeField()),
                ('skipped', models.JSONField(blank=True, default=list, help_text='steps that were left out')),
                ('dismissed_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name='campaign',
            name='merged_into',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='leads.campaign'),
        ),
        migrations.AddField(
            model_name='segment',
            name='merged_into',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='leads.segment'),
        ),
        migrations.AddField(
            model_name='source',
            name='merged_into',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='leads.source'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into__isnull', True), ('archived_at__isnull', False), _connector='OR'), name='campaign_merged_is_archived'),
        ),
        migrations.AddConstraint(
            model_name='segment',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into__isnull', True), ('archived_at__isnull', False), _connector='OR'), name='segment_merged_is_archived'),
        ),
        migrations.AddConstraint(
            model_name='source',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into__isnull', True), ('archived_at__isnull', False), _connector='OR'), name='source_merged_is_archived'),
        ),
        migrations.AddField(
            model_name='firstrun',
            name='dismissed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='firstrun',
            constraint=models.CheckConstraint(condition=models.Q(('dismissed_by__isnull', True), ('dismissed_at__isnull', False), _connector='OR'), name='first_run_dismissed_by_has_a_time'),
        ),
        # The last: PostgreSQL alters no table whose rows were changed a moment ago.
        migrations.RunPython(remember_what_was_joined, migrations.RunPython.noop, elidable=True),
    ]
