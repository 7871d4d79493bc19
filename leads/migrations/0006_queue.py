
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('funnels', '0001_initial'),
        ('leads', '0005_touch_request_id'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('lead', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='claim', serialize=False, to='leads.lead')),
                ('until_at', models.DateTimeField()),
                ('is_set_aside', models.BooleanField(default=False)),
            ],
            options={
                'ordering': ('until_at',),
            },
        ),
        migrations.AddField(
            model_name='assessment',
            name='is_retraction',
            field=models.BooleanField(db_default=False, default=False, help_text='undoes a judgement made a moment ago'),
        ),
        migrations.AddIndex(
            model_name='assessment',
            index=models.Index(condition=models.Q(('by__isnull', False)), fields=['by', '-recorded_at'], name='assessment_of_person'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(condition=models.Q(('duplicate_of__isnull', True), ('is_test', False), ('outcome', 'OPEN'), ('verdict', 'UNDECIDED')), fields=['verdict', 'outcome', 'verdict_due_at', 'id'], name='lead_waiting'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(condition=models.Q(('duplicate_of__isnull', True), ('is_test', False), ('outcome', 'OPEN'), ('verdict', 'UNDECIDED')), fields=['owner', 'verdict_due_at', 'id'], name='lead_waiting_of_owner'),
        ),
        migrations.AddIndex(
            model_name='transition',
            index=models.Index(condition=models.Q(('by__isnull', False)), fields=['by', '-recorded_at'], name='transition_of_person'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(('is_retraction', False), ('kind', 'correct'), _connector='OR'), name='assessment_retraction_is_a_correction'),
        ),
        migrations.AddField(
            model_name='claim',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
    ]
