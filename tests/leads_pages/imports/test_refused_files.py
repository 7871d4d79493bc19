"""Files that could exhaust us are refused at once, each saying what to do."""

import io
import time
import zipfile
from collections.abc import Callable
from http import HTTPStatus

import pytest

from leads.models import ImportDraft
from tests.leads_pages.imports.walk import Walk


def _zip_bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000_000)
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "make", "said"),
    [
        ("bomb.xlsx", _zip_bomb, "unpacked"),
        ("wide.csv", lambda: b";".join([b"a"] * 1_000_000) + b"\n1", "500 columns"),
        ("big.csv", lambda: b"name\n" + b"x" * 10_000_001, "10 MB"),
        ("nul.csv", lambda: b"\x00" * 5_000_000, ""),
        ("picture.png", lambda: b"\x89PNG" + b"x" * 1000, "not a spreadsheet"),
        ("old.xls", lambda: b"\xd0\xcf\x11\xe0" + b"x" * 1000, "old Excel"),
        ("empty.csv", lambda: b"name;phone\n", "no rows"),
        ("nothing.csv", lambda: b"", "empty"),
    ],
)
def test_P16_what_could_exhaust_us_is_refused_at_once(
    walk: Walk, name: str, make: Callable[[], bytes], said: str
) -> None:
    content = make()
    started = time.process_time()  # however busy the machine is with others
    response = walk.upload(content, name)
    assert time.process_time() - started < 1
    assert response.status_code == HTTPStatus.OK
    assert said in str(response.context["form"].errors)
    assert not ImportDraft.objects.exists()
