"""Coming in by hand, and the switches everybody has."""

from playwright.sync_api import expect

from crm.demo import PASSWORD
from crm.rules.roles import Role
from tests.browser.company import Look
from tests.browser.conftest import Site, Visit


def test_a_person_comes_in_with_an_e_mail_and_a_password_and_goes_out(site: Site, visit: Visit) -> None:
    page = visit("/")
    page.locator("input[name=username]").fill(site.people[Role.EXECUTIVE].email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    expect(page.locator("section.lead")).to_be_visible()
    page.locator("details.who summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("input[name=password]")).to_be_visible()


def test_a_stranger_switches_the_theme_and_the_language(visit: Visit) -> None:
    page = visit("/login/", None, Look("en", "light"))
    page.locator("details.who summary").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator("details.who summary").click()
    page.get_by_role("button", name="Русский").click()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
