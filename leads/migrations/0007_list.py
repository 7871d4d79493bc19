import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# What the search asks, word for word as leads.queries.search asks it: the words of a contact by their beginnings, and
# phones by their last digits, leads by the end of their code. Other databases walk the contacts; they hold few.
SEARCH = {
    "contact_words": """CREATE INDEX contact_words ON leads_contact USING gin (
        array_to_tsvector(array_remove(string_to_array(translate(
            search_key, '«»„“”"(),;:/-', '             '), ' '), '')))""",
    "contact_point_backwards": """CREATE INDEX contact_point_backwards ON leads_contactpoint (
        reverse(value) text_pattern_ops) WHERE kind = 'phone'""",
    "lead_short_code": "CREATE INDEX lead_short_code ON leads_lead (right(public_id::text, 8))",
}


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in SEARCH.values():
            schema_editor.execute(statement)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in SEARCH:
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):

    dependencies = [
        ('funnels', '0001_initial'),
        ('leads', '0006_queue'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('request_id', models.UUIDField(unique=True)),
                ('act', models.CharField(max_length=16)),
                ('at', models.DateTimeField()),
                ('results', models.JSONField(default=list, help_text='for each lead its code, and why it was refused or an empty text')),
            ],
        ),
        migrations.CreateModel(
            name='ListColumns',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('columns', models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name='SavedFilter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('query', models.CharField(help_text='what stands in the address of the list after the question mark', max_length=2000)),
                ('is_shared', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField()),
                ('archived_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('name', 'id'),
            },
        ),
        migrations.AlterField(
            model_name='lead',
            name='campaign',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='leads.campaign'),
        ),
        migrations.AlterField(
            model_name='lead',
            name='contact',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='leads.contact'),
        ),
        migrations.AlterField(
            model_name='lead',
            name='definition',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funnels.definition'),
        ),
        migrations.AlterField(
            model_name='lead',
            name='funnel',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='funnels.funnel'),
        ),
        migrations.AlterField(
            model_name='lead',
            name='import_batch',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='leads.importbatch'),
        ),
        migrations.AlterField(
            model_name='lead',
            name='owner',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='lead',
            name='segment',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='leads.segment'),
        ),
        migrations.AlterField(
            model_name='lead',
            name='source',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='leads.source'),
        ),
        migrations.AlterField(
            model_name='lead',
            name='stage',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='funnels.stage'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(fields=['source', '-received_at', '-id'], name='lead_of_source'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(fields=['stage', '-received_at', '-id'], name='lead_at_stage'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(condition=models.Q(('campaign__isnull', False)), fields=['campaign', '-received_at', '-id'], name='lead_of_campaign'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(condition=models.Q(('segment__isnull', False)), fields=['segment', '-received_at', '-id'], name='lead_of_segment'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(condition=models.Q(('import_batch__isnull', False)), fields=['import_batch', '-received_at', '-id'], name='lead_of_batch'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(condition=models.Q(('outcome', 'OPEN'), _negated=True), fields=['outcome', '-received_at', '-id'], name='lead_closed'),
        ),
        migrations.AddField(
            model_name='bulkrun',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='listcolumns',
            name='person',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='savedfilter',
            name='owner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='savedfilter',
            constraint=models.UniqueConstraint(condition=models.Q(('archived_at__isnull', True)), fields=('owner', 'name'), name='saved_filter_has_a_name_of_its_own'),
        ),
        migrations.RunPython(make, drop),
    ]
