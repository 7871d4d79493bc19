from django.db import migrations, models
from django.db.models import F, OuterRef, Subquery


def say_since_when(apps, schema_editor):
    """Derive since when each lead has been at its stage, as `leads.queries.derived` does from then on."""
    lead, transition = apps.get_model("leads", "Lead"), apps.get_model("leads", "Transition")
    came = (
        transition.objects.filter(lead=OuterRef("pk"))
        .exclude(from_stage=F("to_stage"))
        .order_by("-effective_at", "-recorded_at", "-id")
    )
    lead.objects.update(stage_since_at=Subquery(came.values("effective_at")[:1]))
    lead.objects.filter(stage_since_at=None).update(stage_since_at=F("received_at"))


class Migration(migrations.Migration):
    dependencies = [("leads", "0012_fewer_indexes")]

    operations = [
        migrations.AddField(
            "lead",
            "expected_amount",
            models.DecimalField(
                blank=True,
                decimal_places=2,
                help_text="what it may bring, in the company's currency",
                max_digits=14,
                null=True,
            ),
        ),
        migrations.AddField("lead", "stage_since_at", models.DateTimeField(null=True)),
        migrations.RunPython(say_since_when, migrations.RunPython.noop),
        migrations.AlterField(
            "lead",
            "stage_since_at",
            models.DateTimeField(help_text="effective time of the move that brought it to its stage"),
        ),
        migrations.AddConstraint(
            "lead",
            models.CheckConstraint(
                condition=models.Q(expected_amount__isnull=True) | models.Q(expected_amount__gte=0),
                name="lead_expected_amount_is_not_negative",
            ),
        ),
        migrations.AddIndex(
            "lead",
            models.Index(
                condition=models.Q(duplicate_of__isnull=True, is_test=False, outcome="OPEN"),
                fields=["stage", "stage_since_at", "id"],
                name="lead_open_at_stage",
            ),
        ),
    ]
