"""A file walked through the pages of an import, as a browser sends it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from leads.models import ImportDraft

RUSSIAN = "Имя;Телефон;Почта;Источник;Статус;Тег;Ответственный;Город"
MOST_POLLS = 400


@dataclass
class Walk:
    """One import of one person."""

    client: Client
    code: str = ""

    def upload(self, content: bytes, name: str = "leads.csv", **told: Any) -> Any:
        """Bring a file."""
        file = SimpleUploadedFile(name, content)
        data = {"request_id": str(uuid4()), "funnel": "sales", "source": "", "arrived_at": "", "file": file} | told
        response = self.client.post(reverse("imports:upload"), data)
        if response.status_code == HTTPStatus.FOUND:
            self.code = response["Location"].split("/")[2]
        return response

    def url(self, step: str) -> str:
        return reverse(f"imports:{step}", args=[self.code])

    @property
    def draft(self) -> ImportDraft:
        return ImportDraft.objects.get(public_id=self.code)

    def form(self, step: str) -> dict[str, Any]:
        """Read the form of a step as it is filled in."""
        response = self.client.get(self.url(step))
        assert response.status_code == HTTPStatus.OK, response
        form = response.context["form"]
        return {field.html_name: value for field in form if (value := field.value()) not in (None, False)}

    def columns(self, **meanings: str) -> Any:
        """Say what columns hold, by their names; the others stay as guessed."""
        told = self.form("columns")
        names = self.draft.columns
        told |= {f"column_{names.index(name)}": key for name, key in meanings.items()}
        return self.client.post(self.url("columns"), told)

    def words(self, **told: Any) -> Any:
        """Say what words mean, those not named as proposed."""
        return self.client.post(self.url("words"), self.form("words") | told)

    def check(self) -> ImportDraft:
        """Have the file checked to the end."""
        if self.draft.state == "prepared":
            self.client.post(self.url("trial"))
        return self.poll("trying")

    def start(self) -> ImportDraft:
        """Start the import and look on to its end."""
        self.client.post(self.url("start"))
        return self.poll("running")

    def poll(self, state: str) -> ImportDraft:
        """Ask how far it is until it is done."""
        for _poll in range(MOST_POLLS):
            if self.draft.state != state:
                break
            assert self.client.post(self.url("progress")).status_code == HTTPStatus.FOUND
        return self.draft

    def through(self, content: bytes, name: str = "leads.csv", **told: Any) -> ImportDraft:
        """Walk the whole way, taking what is proposed."""
        assert self.upload(content, name, **told).status_code == HTTPStatus.FOUND
        self.columns()
        if self.draft.word_meanings:
            self.words(rest_is_ignored="on")
        self.check()
        return self.start()
