"""What happens in the demonstration: who sends leads, how good they are, what goes wrong and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field

WEEKS = 30
LEADS = 4000
WORSE_FOR_WEEKS = 11  # how long ago Avito began to send worse leads: nearly all that the board shows
ROBOT_WEEKS_AGO = 5  # in that week, counted from Monday, a robot filled in the forms of the site
ROBOT_SOURCES = ("yandex-direct", "seo")
ROBOT_SHARE = 0.65


@dataclass(frozen=True, slots=True)
class SourceStory:
    """A source: its share of the flow and how often its leads fail each criterion."""

    code: str
    names: Mapping[str, str]
    weight: float
    fails: Mapping[str, float]
    campaigns: tuple[str, ...]
    win_factor: float = 1.0
    grows_to: float = 1.0
    worse: Mapping[str, float] = field(default_factory=dict)


SOURCES = (
    SourceStory(
        code="yandex-direct",
        names={"ru": "Яндекс Директ", "en": "Yandex Direct"},
        weight=0.30,
        fails={
            "contact_valid": 0.06,
            "budget": 0.07,
            "need": 0.05,
            "product_fit": 0.05,
            "eligible": 0.03,
            "new_customer": 0.02,
        },
        campaigns=("brand", "courses-autumn", "competitors", "retargeting"),
    ),
    SourceStory(
        code="vk-ads",
        names={"ru": "VK Реклама", "en": "VK Ads"},
        weight=0.18,
        fails={
            "contact_valid": 0.09,
            "budget": 0.12,
            "need": 0.07,
            "product_fit": 0.06,
            "eligible": 0.07,
            "new_customer": 0.02,
        },
        campaigns=("lookalike", "video-autumn", "lead-forms"),
        win_factor=0.8,
        grows_to=1.7,
    ),
    SourceStory(
        code="avito",
        names={"ru": "Авито", "en": "Avito"},
        weight=0.12,
        fails={
            "contact_valid": 0.09,
            "budget": 0.10,
            "need": 0.06,
            "product_fit": 0.05,
            "eligible": 0.03,
            "new_customer": 0.01,
        },
        campaigns=("listing", "boost"),
        win_factor=0.7,
        worse={"budget": 0.52},
    ),
    SourceStory(
        code="seo",
        names={"ru": "SEO", "en": "Organic search"},
        weight=0.18,
        fails={
            "contact_valid": 0.04,
            "budget": 0.05,
            "need": 0.04,
            "product_fit": 0.04,
            "eligible": 0.03,
            "new_customer": 0.05,
        },
        campaigns=("blog", "catalogue"),
        win_factor=1.2,
    ),
    SourceStory(
        code="partners",
        names={"ru": "Партнёры", "en": "Partners"},
        weight=0.14,
        fails={
            "contact_valid": 0.02,
            "budget": 0.04,
            "need": 0.02,
            "product_fit": 0.02,
            "eligible": 0.02,
            "new_customer": 0.02,
        },
        campaigns=("schools", "employers"),
        win_factor=1.5,
        grows_to=0.7,
    ),
    SourceStory(
        code="webinars",
        names={"ru": "Вебинары", "en": "Webinars"},
        weight=0.06,
        fails={
            "contact_valid": 0.03,
            "budget": 0.08,
            "need": 0.12,
            "product_fit": 0.05,
            "eligible": 0.04,
            "new_customer": 0.05,
        },
        campaigns=("open-day",),
    ),
)
UNKNOWN_SOURCE_SHARE = 0.02

RETURNED_BY = ("yandex-direct", "seo")  # whoever has heard of the school elsewhere looks for it by name
HEARD_OF_FROM = {"vk-ads": 0.16, "webinars": 0.10, "partners": 0.04}
CAME_BACK_DIRECT_SHARE = 0.12  # the last visit of so many was by nobody's advertising
DIRECT = {"ru": "Прямые заходы", "en": "Direct visits"}

SEGMENTS = (
    ("career-changers", {"ru": "Меняют профессию", "en": "Career changers"}, 0.34),
    ("students", {"ru": "Студенты", "en": "Students"}, 0.24),
    ("parents", {"ru": "Родители школьников", "en": "Parents of pupils"}, 0.18),
    ("specialists", {"ru": "Повышают квалификацию", "en": "Professionals"}, 0.16),
    ("companies", {"ru": "Компании", "en": "Companies"}, 0.08),
)

CAMPAIGN_NAMES = {
    "brand": {"ru": "Бренд", "en": "Brand"},
    "courses-autumn": {"ru": "Курсы, осень", "en": "Courses, autumn"},
    "competitors": {"ru": "Конкуренты", "en": "Competitors"},
    "retargeting": {"ru": "Ретаргетинг", "en": "Retargeting"},
    "lookalike": {"ru": "Похожие на клиентов", "en": "Look-alike"},
    "video-autumn": {"ru": "Видео, осень", "en": "Video, autumn"},
    "lead-forms": {"ru": "Лид-формы", "en": "Lead forms"},
    "listing": {"ru": "Объявление", "en": "Listing"},
    "boost": {"ru": "Продвижение", "en": "Boost"},
    "blog": {"ru": "Блог", "en": "Blog"},
    "catalogue": {"ru": "Каталог", "en": "Catalogue"},
    "schools": {"ru": "Школы", "en": "Schools"},
    "employers": {"ru": "Работодатели", "en": "Employers"},
    "open-day": {"ru": "День открытых дверей", "en": "Open day"},
}

FIRST_NAMES = {
    "ru": (
        "Гульнара",
        "Алёна",
        "Сергей",
        "Мария",
        "Павел",
        "Ольга",
        "Артём",
        "Дарья",
        "Тимур",
        "Ирина",
        "Фёдор",
        "Ксения",
    ),
    "en": ("Grace", "Alice", "Simon", "Mary", "Paul", "Olivia", "Arthur", "Diana", "Tim", "Irene", "Fred", "Kate"),
}
LAST_NAMES = {
    "ru": ("Ёлкин", "Соколов", "Кузнец", "Орлов", "Белов", "Громов", "Королёв", "Мельник", "Швец", "Ткач", "Бондарь"),
    "en": ("Elkins", "Falcon", "Smith", "Eagle", "White", "Thunder", "King", "Miller", "Taylor", "Weaver", "Cooper"),
}
MESSAGES = {
    "ru": (
        "Хочу курс аналитика, можно ли в рассрочку? Лучше после шести.",
        "Сколько длится обучение и есть ли диплом?",
        "Интересует обучение для пяти сотрудников.",
        "Перезвоните завтра утром, пожалуйста.",
        "",
        "",
    ),
    "en": (
        "I want the analyst course; is there an instalment plan? Better after six.",
        "How long does it take, and is there a diploma?",
        "We would like to train five employees.",
        "Please call me back tomorrow morning.",
        "",
        "",
    ),
}
NOTES = {"ru": "Вернётся в январе, если появится рассрочка.", "en": "Will be back in January if there are instalments."}
PRICES = (38_000, 54_000, 72_000, 96_000, 140_000)
