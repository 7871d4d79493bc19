"""A reader without a mouse: walks a page by Tab, and is told when the focus cannot be seen or is lost."""

from playwright.sync_api import Locator, Page

from crm.demo import PASSWORD

FAR = 400  # presses of Tab after which a thing counts as out of reach

FOCUSED = "() => ![document.body, document.documentElement].includes(document.activeElement)"
MARKED = """() => {
    // Of a box to tick it may stand round the words that tick it; a chart's mark has a stroke or an underline.
    const drawn = (element) => {
        const style = getComputedStyle(element);
        return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
    };
    const focused = document.activeElement;
    const around = [focused, focused.closest("label"), ...(focused.labels ?? [])].filter(Boolean);
    const inks = (mark) => getComputedStyle(mark).strokeWidth === "2px"
        || getComputedStyle(mark).textDecorationLine === "underline";
    const isInked = focused.matches("svg.chart a") && [...focused.children].some(inks);
    if (isInked || around.some(drawn)) return "";
    return focused.outerHTML.slice(0, 160);
}"""


class Keyboard:
    """The keys of somebody who has no mouse, on one page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, key: str) -> None:
        """Press a key."""
        self.page.keyboard.press(key)

    def write(self, words: str) -> None:
        """Type words where the focus is."""
        self.page.keyboard.type(words)

    def to(self, goal: Locator) -> None:
        """Press Tab until the goal has the focus; raise AssertionError where no focus is seen or it never comes."""
        goal = goal.first
        for _ in range(FAR):
            if goal.evaluate("(element) => element === document.activeElement"):
                return
            self.press("Tab")
            assert self.unseen() == "", f"{self.page.url}: no sign of the focus on {self.unseen()}"
        raise AssertionError(f"{self.page.url}: Tab does not reach {goal}")

    def open(self, goal: Locator) -> None:
        """Go to a link or a button and press Enter."""
        self.to(goal)
        self.press("Enter")

    def unseen(self) -> str:
        """Say what has the focus without a sign of it; nothing when all is well."""
        return str(self.page.evaluate(MARKED)) if self.is_somewhere() else ""

    def is_somewhere(self) -> bool:
        """Say whether the focus is on a thing, not lost to the page."""
        return bool(self.page.evaluate(FOCUSED))

    def sign_in(self, email: str) -> None:
        """Come in from the page a stranger is shown."""
        self.to(self.page.locator("input[name=username]"))
        self.write(email)
        self.to(self.page.locator("input[name=password]"))
        self.write(PASSWORD)
        self.press("Enter")
        self.page.locator("header nav a").first.wait_for()
