"""A tired salesperson at the queue: wrong keys, pressed too long or too soon, and what was typed is never gone."""

import pytest
from playwright.sync_api import Page, Route, expect

from crm.demo import PASSWORD
from tests.browser.conftest import Sit
from tests.browser.seats import AWAY, PORTAL, RACE, TABS, TIRED
from tests.browser.test_queue import code_of, judged, press, settle

LUNCH = 5 * 60 * 1000  # milliseconds after which a lead fetched ahead is no longer held
THUMB = 44
SMALL = """(least) => [...document.querySelectorAll("#queue a, #queue button, #queue label, #queue summary")]
    .filter((one) => one.checkVisibility() && !one.closest("#about p"))
    .filter((one) => one.getBoundingClientRect().height < least)
    .map((one) => one.textContent.trim().slice(0, 40))"""


def strike(page: Page, key: str, code: str, *, shift: bool = False) -> None:
    """Press a key as a keyboard with another layout would: `code` is where it lies, `key` what is on it."""
    page.locator("body").dispatch_event("keydown", {"key": key, "code": code, "shiftKey": shift, "bubbles": True})


@pytest.mark.parametrize(
    ("key", "code", "shift", "dialog"),
    [
        ("с", "KeyC", False, "#do-call"),
        ("Д", "KeyL", True, "#do-lose"),
        (",", "Slash", True, "#do-help"),
        ("?", "Digit7", True, "#do-help"),
    ],
)
def test_keys_open_their_dialogs_in_a_russian_layout(sit: Sit, key: str, code: str, shift: bool, dialog: str) -> None:
    page = sit(TIRED)
    strike(page, key, code, shift=shift)
    expect(page.locator(dialog)).to_be_visible()


def test_letters_typed_into_a_note_set_nothing_going_until_escape(sit: Sit) -> None:
    page = sit(TIRED)
    code = code_of(page)
    page.locator(".noting summary").click()
    note = page.locator("#judge [name=note]")
    note.focus()
    page.keyboard.type("call tulsa 1 2 3?\nu l c s")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert page.locator("#judge input[value=met]:checked").count() == 0
    assert code_of(page) == code
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    expect(page.locator("#judge .crit").first.locator("input[value=met]")).to_be_checked()
    page.reload()
    expect(note).to_have_value("call tulsa 1 2 3?\nu l c s")


def test_a_note_alone_is_kept_when_the_lead_is_left(sit: Sit) -> None:
    page = sit(TIRED)
    code = code_of(page)
    page.locator(".noting summary").click()
    page.locator("#judge [name=note]").fill("only after six")
    page.keyboard.press("Escape")
    page.locator(".next a").first.click()
    expect(page.locator("#queue")).not_to_have_attribute("data-code", code)
    page.reload()
    page.go_back()
    expect(page.locator("#queue")).to_have_attribute("data-code", code)
    expect(page.locator("#judge [name=note]")).to_have_value("only after six")


def test_reasons_ticked_and_not_sent_are_still_there(sit: Sit) -> None:
    page = sit(TIRED)
    page.keyboard.press("l")
    page.keyboard.press("2")
    page.keyboard.press("0")
    page.keyboard.type("moved abroad")
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("l")
    expect(page.locator("#do-lose [data-key='2']")).to_be_checked()
    expect(page.locator("#do-lose [data-needs-note]")).to_be_checked()
    expect(page.locator("#do-lose [name=note]")).to_have_value("moved abroad")


def test_a_digit_held_down_ticks_its_reason_once(sit: Sit) -> None:
    page = sit(TIRED)
    page.keyboard.press("l")
    for _ in range(2):
        page.keyboard.down("1")  # the second is a repeat
    expect(page.locator("#do-lose [data-key='1']")).to_be_checked()


def test_a_thumb_meets_nothing_too_small(sit: Sit) -> None:
    page = sit(TIRED)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate(SMALL, THUMB) == []


def test_undo_takes_back_the_last_act_also_after_a_skip(sit: Sit) -> None:
    """The page of the next lead was drawn before the last save, and must not say what the last act is."""
    page = sit(RACE)
    press(page, "t", "2", "Enter")
    settle(page)
    held: list[Route] = []
    page.wait_for_load_state("networkidle")
    page.route("**/judge/", lambda route: held.append(route))
    with page.expect_response(lambda answer: "/queue/ld_" in answer.url and answer.request.method == "GET"):
        last = press(page, "t", "3", "Enter")
    held[0].continue_()
    settle(page)
    press(page, "s")
    expect(page.locator("#said")).to_contain_text("Set aside")
    page.keyboard.press("u")
    expect(page.locator("#queue")).to_have_attribute("data-code", last)
    expect(page.locator("#judge .crit").nth(2).locator("input[value=failed]")).to_be_checked()


def test_undo_pressed_twice_at_once_takes_one_act_back(sit: Sit) -> None:
    page = sit(RACE)
    page.wait_for_load_state("networkidle")
    press(page, "t", "2", "Enter")
    before = press(page, "t", "2", "Enter")
    settle(page)
    count = judged(page)
    page.locator("#judging [data-act=undo]").dblclick()
    expect(page.locator("#queue")).to_have_attribute("data-code", before)
    expect(page.locator("#said")).to_contain_text("Undone")
    page.wait_for_load_state("networkidle")
    page.reload()
    assert judged(page) == count - 1


def test_what_comes_next_and_the_menu_do_not_count_what_was_just_done(sit: Sit) -> None:
    page = sit(RACE)
    badge = page.locator(".top .badge")
    expect(badge).to_contain_text("waiting")
    waiting = int(badge.inner_text().split()[0])
    done = press(page, "2", "2", "Enter")
    expect(page.locator("h1")).to_be_focused()
    assert page.locator(f".next a[href*='{done}']").count() == 0
    expect(badge).to_contain_text(str(waiting - 1))


def test_coming_back_after_lunch_to_an_ended_session_loses_nothing(sit: Sit) -> None:
    page = sit(AWAY, "/login/")
    page.clock.install()
    page.goto("/queue/")
    page.wait_for_load_state("networkidle")
    code = code_of(page)
    page.context.clear_cookies(name="sessionid")
    page.clock.fast_forward(LUNCH)
    page.keyboard.press("t")
    page.keyboard.press("Enter")
    dialog = page.locator("#do-login")
    expect(dialog).to_be_visible()
    dialog.locator("[name=username]").focus()
    page.clock.run_for(10_000)
    expect(dialog.locator("[name=username]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#unsent")).to_contain_text("Sign in")
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    dialog.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("#queue")).not_to_have_attribute("data-code", code)
    settle(page)
    page.goto(f"/queue/{code}/")
    expect(page.locator(".already")).to_contain_text("Away")


def test_two_tabs_without_a_network_keep_what_both_have_said(sit: Sit) -> None:
    one = sit(TABS)
    one.wait_for_load_state("networkidle")
    before, context = judged(one), one.context
    two = context.new_page()
    two.goto(one.locator(".next a").first.get_attribute("href") or "")
    two.wait_for_load_state("networkidle")
    context.set_offline(True)
    for page in (one, two):
        page.bring_to_front()
        page.keyboard.press("t")
        page.keyboard.press("2")
        page.keyboard.press("Enter")
        expect(page.locator("#unsent")).to_contain_text("Not saved yet: 1")
    one.close()
    two.close()
    context.set_offline(False)
    last = context.new_page()
    last.goto("/queue/")
    settle(last)
    last.reload()
    assert judged(last) == before + 2


def test_a_network_that_wants_a_login_of_its_own_takes_nothing_for_saved(sit: Sit) -> None:
    page = sit(PORTAL)
    page.wait_for_load_state("networkidle")
    asked: list[str] = []

    def portal(route: Route) -> None:
        """Answer everything with a page of one's own, the first time."""
        if asked:
            route.continue_()
        else:
            asked.append(route.request.url)
            route.fulfill(status=200, content_type="text/html", body="<h1>Welcome to the hotel</h1>")

    page.route("**/judge/", portal)
    code = press(page, "t", "2", "Enter")
    settle(page)
    assert asked
    page.goto(f"/queue/{code}/")
    expect(page.locator(".already")).to_contain_text("Portal")


def test_going_back_to_a_lead_that_is_somebody_elses_now_stays_with_ones_own(sit: Sit) -> None:
    page = sit(PORTAL)
    page.wait_for_load_state("networkidle")
    first = press(page, "s")
    page.route(f"**/queue/{first}/", lambda route: route.fulfill(status=404, body="gone"))
    here = code_of(page)
    page.go_back()
    expect(page.locator("#said")).to_contain_text("somebody else's now")
    assert code_of(page) == here
    assert page.url.endswith(f"/queue/{here}/")
