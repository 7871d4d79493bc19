"""`manage.py check_facts`: does every Lead row say what its facts say?"""

from django.core.management.base import BaseCommand, CommandError

from leads.models import Lead
from leads.queries.consistency import differences


class Command(BaseCommand):
    help = "Recomputes everything a lead repeats of its facts and lists what differs."

    def handle(self, *args: object, **options: object) -> None:
        """List the differences; any makes the command fail."""
        found = differences()
        for difference in found:
            self.stdout.write(str(difference))
        if found:
            raise CommandError(f"{len(found)} differences.", returncode=1)
        self.stdout.write(f"{Lead.objects.count()} leads checked, no differences.")
