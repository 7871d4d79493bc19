import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0002_keys'),
        ('funnels', '0001_initial'),
        ('leads', '0002_submissions'),
    ]

    operations = [
        migrations.CreateModel(
            name='HookProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('profile', models.CharField(max_length=32)),
                ('field_map', models.JSONField(blank=True, default=dict, help_text='our field → path in the payload, or =constant')),
                ('secrets', models.JSONField(blank=True, default=dict, help_text='to check proofs of origin; never shown')),
                ('created_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('api_key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='crm.apikey')),
                ('funnel', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funnels.funnel')),
            ],
            options={
                'ordering': ('id',),
                'constraints': [models.UniqueConstraint(fields=('api_key', 'profile'), name='one_hook_profile_a_key')],
            },
        ),
    ]
