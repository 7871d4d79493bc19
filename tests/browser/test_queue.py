"""A salesperson at the queue: by keyboard, without a network, without a session, beside a colleague."""

from collections.abc import Callable, Iterator
from itertools import cycle, islice

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from crm.demo import PASSWORD
from tests.browser.conftest import Site
from tests.browser.seats import CALLS, EXPIRED, FIFTY, HISTORY, LOSS, OFFLINE, PAIR, PLAIN, STEPS

Sit = Callable[..., Page]

MOST_KEYS = 6


@pytest.fixture
def sit(chromium: Browser, site: Site) -> Iterator[Sit]:
    """Open the queue of a seat, in a browser of its own; network and session may fail here as they please."""
    contexts: list[BrowserContext] = []

    def open_queue(seat: str, path: str = "/queue/", *, scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=site.url, java_script_enabled=scripts, locale="en-GB", viewport={"width": 1440, "height": 900}
        )
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": site.seats[seat].session, "url": site.url}])
        page = context.new_page()
        page.goto(path)
        return page

    yield open_queue
    for context in contexts:
        context.close()


def code_of(page: Page) -> str:
    return str(page.locator("#queue").get_attribute("data-code"))


def press(page: Page, *keys: str) -> str:
    """Press keys and wait for another lead than the one before; return the one that was there."""
    before = code_of(page)
    for key in keys:
        page.keyboard.press(key)
    expect(page.locator("#queue")).not_to_have_attribute("data-code", before)
    return before


def judged(page: Page) -> int:
    return int(page.locator("#judged").inner_text())


def settle(page: Page) -> None:
    """Wait until everything said is saved."""
    page.wait_for_function("() => !Object.keys(localStorage).some((key) => key.startsWith('razbor-queue-'))")


def test_fifty_leads_are_judged_by_keyboard_alone(sit: Sit) -> None:
    page = sit(FIFTY)
    ways = [
        ("t", "Enter"),
        ("3", "3", "Enter"),
        ("t", "4", "Enter"),
        ("1", "2", "5", "5", "Enter"),
        ("l", "2", "Enter"),
    ]
    done, pressed = [], 0
    for keys in islice(cycle(ways), 50):
        done.append(press(page, *keys))
        pressed += len(keys)
    assert len(set(done)) == 50
    assert pressed / 50 <= MOST_KEYS
    settle(page)
    page.goto("/queue/")
    assert judged(page) == 40  # the others were lost
    assert code_of(page) not in done


def test_what_is_said_without_a_network_is_neither_lost_nor_doubled(sit: Sit) -> None:
    page = sit(OFFLINE)
    page.wait_for_load_state("networkidle")
    before = judged(page)
    page.context.set_offline(True)
    first = press(page, "t", "Enter")
    expect(page.locator("#unsent")).to_contain_text("Not saved yet: 1")
    page.context.set_offline(False)
    settle(page)
    expect(page.locator("#unsent")).to_be_hidden()
    page.goto(f"/queue/{first}/")
    expect(page.locator(".already .answers").first).to_contain_text("Target")
    assert judged(page) == before + 1


def test_a_save_whose_answer_never_came_is_sent_again_and_counts_once(sit: Sit) -> None:
    page = sit(OFFLINE)
    before, lost = judged(page), []

    def swallow(route: Route) -> None:
        """Let the server take it, and keep its answer from the page, the first time."""
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort()

    page.route("**/judge/", swallow)
    code = press(page, "2", "2", "Enter")
    settle(page)
    assert lost == [200]
    page.goto(f"/queue/{code}/")
    assert judged(page) == before + 1


def test_what_was_not_saved_is_sent_after_the_page_was_loaded_anew(sit: Sit) -> None:
    page = sit(OFFLINE)
    before = judged(page)
    page.route("**/judge/", lambda route: route.abort())
    code = press(page, "3", "3", "Enter")
    expect(page.locator("#unsent")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.unroute("**/judge/")
    page.goto(f"/queue/{code}/")
    settle(page)
    page.reload()
    assert judged(page) == before + 1
    expect(page.locator(".already")).to_be_visible()


def test_an_expired_session_is_mended_in_place(sit: Sit) -> None:
    page = sit(EXPIRED)
    page.wait_for_load_state("networkidle")
    page.context.clear_cookies(name="sessionid")
    code = press(page, "t", "Enter")
    dialog = page.locator("#do-login")
    expect(dialog).to_be_visible()
    dialog.locator("[name=password]").fill("wrong")
    page.keyboard.press("Enter")
    expect(dialog.locator("[data-refusal]")).to_be_visible()
    dialog.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    settle(page)
    page.goto(f"/queue/{code}/")
    expect(page.locator(".already")).to_contain_text("Expired")


def test_another_person_who_signs_in_does_not_send_the_work_of_the_first(sit: Sit, site: Site) -> None:
    page = sit(EXPIRED)
    page.wait_for_load_state("networkidle")
    page.context.clear_cookies(name="sessionid")
    code = press(page, "2", "2", "Enter")
    dialog = page.locator("#do-login")
    dialog.locator("[name=username]").fill(site.seats[PLAIN].email)
    dialog.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Somebody else has signed in")
    page.on("dialog", lambda asked: asked.accept())
    back = sit(EXPIRED, f"/queue/{code}/")
    expect(back.locator(".already")).to_have_count(0)


def test_the_second_of_two_sees_what_the_first_said_and_keeps_what_they_typed(sit: Sit, site: Site) -> None:
    one, two = sit(PAIR), sit(PAIR)
    code = code_of(one)
    two.goto(f"/queue/{code}/")
    press(one, "t", "Enter")
    settle(one)
    two.keyboard.press("3")
    two.keyboard.press("3")
    two.keyboard.press("Enter")
    expect(two.locator(".already")).to_contain_text("Target")
    expect(two.locator("[role=alert]").first).to_contain_text("Somebody has judged this lead since you opened it")
    assert code_of(two) == code
    expect(two.locator("#judge .crit").nth(2).locator("input[value=failed]")).to_be_checked()
    expect(two.locator("#judging .verdict")).to_contain_text("Non-target")


def test_pressing_enter_twice_saves_once_and_skips_nobody(sit: Sit) -> None:
    page = sit(PAIR)
    before = judged(page)
    first = code_of(page)
    page.keyboard.press("t")
    page.locator("#judging .keys .primary").dblclick()
    expect(page.locator("#queue")).not_to_have_attribute("data-code", first)
    settle(page)
    page.reload()
    assert judged(page) == before + 1


def test_undo_goes_several_steps_back_with_what_was_typed(sit: Sit) -> None:
    page = sit(STEPS)
    done = [press(page, "t", str(row), "Enter") for row in (2, 3, 4)]
    settle(page)
    for row, code in zip((4, 3, 2), reversed(done), strict=True):
        page.keyboard.press("u")
        expect(page.locator("#queue")).to_have_attribute("data-code", code)
        expect(page.locator("#judge .crit").nth(row - 1).locator("input[value=failed]")).to_be_checked()
    page.keyboard.press("u")
    expect(page.locator("#said")).to_contain_text("nothing to undo")


def test_undoing_a_loss_brings_the_lead_back_open(sit: Sit) -> None:
    page = sit(LOSS)
    code = press(page, "l", "2", "Enter")
    settle(page)
    page.keyboard.press("u")
    expect(page.locator("#queue")).to_have_attribute("data-code", code)
    expect(page.locator("#do-lose")).to_have_count(1)


def test_back_and_forward_show_the_leads_as_they_are_now(sit: Sit) -> None:
    page = sit(HISTORY)
    first = press(page, "t", "5", "Enter")
    second = code_of(page)
    settle(page)
    page.keyboard.press("3")
    page.go_back()
    expect(page.locator("#queue")).to_have_attribute("data-code", first)
    expect(page.locator(".already")).to_be_visible()
    page.go_forward()
    expect(page.locator("#queue")).to_have_attribute("data-code", second)
    expect(page.locator("#judge .crit").nth(2).locator("input[value=met]")).to_be_checked()


def test_a_refused_loss_comes_back_with_its_reasons(sit: Sit) -> None:
    page = sit(LOSS)
    page.wait_for_load_state("networkidle")
    refusal = '{"refusals": [{"field": "reasons", "text": "Not that one.", "code": "unknown_reason"}]}'
    page.route("**/lose/", lambda route: route.fulfill(status=422, content_type="application/json", body=refusal))
    code = press(page, "l", "2", "Enter")
    expect(page.locator("#queue")).to_have_attribute("data-code", code)
    expect(page.locator("#do-lose [data-key='2']")).to_be_checked()
    expect(page.locator("#queue > [role=alert]")).to_contain_text("Not that one.")


def test_what_is_typed_outlives_loading_the_page_anew(sit: Sit) -> None:
    page = sit(CALLS)
    code = code_of(page)
    page.keyboard.press("3")
    page.reload()
    assert code_of(page) == code
    expect(page.locator("#judge .crit").nth(2).locator("input[value=met]")).to_be_checked()


def test_a_call_takes_two_keys_and_is_seen_at_once(sit: Sit) -> None:
    page = sit(CALLS)
    code = code_of(page)
    page.keyboard.press("c")
    page.keyboard.press("2")
    expect(page.locator("#about .tries i.f")).to_have_count(1)
    expect(page.locator("#about")).to_contain_text("no answer")
    assert code_of(page) == code


def test_keys_work_in_a_russian_layout(sit: Sit) -> None:
    page = sit(CALLS)
    page.locator("body").dispatch_event("keydown", {"key": "е", "code": "KeyT", "bubbles": True})
    expect(page.locator("#judging .verdict")).to_contain_text("Target")
    assert page.locator("#judge input[value=met]:checked").count() == page.locator("#judge .crit").count()


def test_saving_nothing_says_what_to_do(sit: Sit) -> None:
    page = sit(CALLS)
    code = code_of(page)
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("at least one criterion")
    assert code_of(page) == code


def test_other_asks_for_its_note_before_it_is_sent(sit: Sit) -> None:
    page = sit(CALLS)
    page.keyboard.press("l")
    page.locator("#do-lose label:has([data-needs-note])").click()
    page.locator("#do-lose .btn.danger").click()
    expect(page.locator("#do-lose")).to_be_visible()
    page.locator("#do-lose [name=note]").fill("moved abroad")
    press(page, "Enter")


def test_without_scripts_a_lead_is_judged_lost_and_undone(sit: Sit) -> None:
    page = sit(PLAIN, scripts=False)
    first = code_of(page)
    page.locator("#judge .crit").nth(1).locator("label.bad").click()
    page.locator("#judging .keys .primary").click()
    expect(page.locator(".msg.success")).to_contain_text("Non-target")
    assert code_of(page) != first
    page.locator(".keys [data-act=lose]").click()
    page.locator("#do-lose .reasons label:not(:has(small))").first.click()
    page.locator("#do-lose .btn.danger").click()
    expect(page.locator(".msg.success")).to_contain_text("lost")
    page.locator(".keys [data-act=undo]").click()
    page.locator(".keys [data-act=undo]").click()
    assert code_of(page) == first
