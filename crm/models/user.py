"""People who sign in, and the teams they belong to."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from crm.rules.choices import choices
from crm.rules.permissions import Permission, Reach, reach
from crm.rules.roles import ROLE_LABELS, Role
from crm.rules.start_pages import START_PAGE_LABELS, StartPage


class Team(models.Model):
    name = models.CharField(max_length=100, unique=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a person by e-mail whatever the letters' case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person of the company. Signs in by e-mail; may do what the role's grants say."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150)
    role = models.CharField(max_length=16, choices=choices(Role, ROLE_LABELS))
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    language = models.CharField(max_length=8, blank=True, default="")
    theme = models.CharField(max_length=8, blank=True, default="")
    start_page = models.CharField(max_length=16, blank=True, default="", choices=choices(StartPage, START_PAGE_LABELS))
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ("email", "name")

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role]),
                name="user_role_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(start_page__in=["", *(page.value for page in StartPage)]),
                name="user_start_page_is_known",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def reach(self, permission: Permission) -> Reach:
        """Tell how far this person's role goes with a permission."""
        return reach(self.role, permission)
