from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = "People and company"

    def ready(self) -> None:
        """Let every app register its jobs: the web process drains them too when there is no broker."""
        autodiscover_modules("tasks")
