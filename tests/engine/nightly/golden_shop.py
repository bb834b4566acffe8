"""A small shop with customers of all kinds, and the night in which each rule has somebody to be about.

It has two stores. Its people and goods stand here as literally as a page allows: who they are, what they usually buy and
how often, and what is the matter with each of the goods.
"""

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pandas as pd

from engine.day.recall_product import recall_product
from engine.domain.contacts import Channel, Contact, Found
from engine.nightly.context import NightContext
from engine.nightly.run import NightResult, run
from engine.settings import store_url_in
from engine.store import open_store
from engine.store.choices.contact_log import record_contacts
from models import sources
from models.ground.moment import Moment, local_midnight
from tests.engine.nightly.shop_nights import fit_model, silent
from training.fitting.fit_profile import FitProfile

WEEK_BEFORE, TONIGHT = (local_midnight(day, "UTC") for day in (date(2024, 3, 24), date(2024, 3, 31)))
DAY = timedelta(days=1)

TABLES = """\
timezone = "UTC"
currency = "EUR"
money = "decimal"
quantity = "decimal"
unit = "piece"
tax = "included"
max_bad_share = 0.0
"""

CUSTOMERS = """\
customer_id,birth_date,consent,open_complaint,household_id
anna,1980-05-02,true,,
ben,1991-01-20,true,,
carla,1975-08-11,true,,
dora,2010-06-30,true,,
emil,1969-02-14,true,true,
frida,1958-11-03,true,,
gustav,1987-04-25,true,,
hanna,1983-09-09,true,,rose street 5
ivan,1982-12-01,true,,rose street 5
jonas,1990-07-07,false,,
klara,1977-03-16,true,,
lena,1995-10-28,true,,
mona,1964-01-05,true,,
noah,1989-06-18,true,,
otto,1971-05-21,true,,
"""

PRODUCTS = """\
product_id,name,family_1,family_2,price,cost,stock,flags
apples,Apples 1 kg,FRUIT,Apples,2.99,1.90,,
bananas,Bananas 1 kg,FRUIT,Bananas,1.99,1.20,,
beer,Beer 0.5 l,DRINKS,Beer,1.29,0.80,,alcohol
bread,Rye bread,BAKERY,Bread,3.29,1.50,,
butter,Butter 250 g,DAIRY,Butter,2.49,1.70,,
cheese,Gouda 200 g,DAIRY,Cheese,2.79,1.80,,
chocolate,Dark chocolate,SWEETS,Chocolate,1.89,1.00,,
cigarettes,Cigarettes,KIOSK,Tobacco,8.00,7.20,,tobacco
coffee,Coffee 500 g,DRINKS,Coffee,6.99,4.60,,
deposit,Bottle deposit,DRINKS,Deposits,0.25,0.25,,
eggs,Ten eggs,DAIRY,Eggs,2.79,1.80,,
ham,Ham 150 g,MEAT,Ham,3.49,2.20,0,
honey,Honey 500 g,SWEETS,Honey,5.49,3.30,,
juice,Orange juice,DRINKS,Juice,2.19,1.30,,
milk,Milk 1 l,DAIRY,Milk,1.29,0.90,,
pasta,Spaghetti,PANTRY,Pasta,1.49,0.80,,
rice,Rice 1 kg,PANTRY,Rice,2.39,1.40,,
sausages,Sausages,MEAT,Sausages,3.99,2.40,,
tea,Black tea,DRINKS,Tea,3.19,1.70,,
tomatoes,Tomatoes 500 g,FRUIT,Tomatoes,2.29,1.40,,
toothpaste,Toothpaste,CARE,Toothpaste,649.50,3.10,,
vodka,Vodka 0.7 l,DRINKS,Vodka,9.99,6.50,,alcohol
yoghurt,Yoghurt 500 g,DAIRY,Yoghurt,1.59,0.90,,
"""
_SHELF = pd.read_csv(StringIO(PRODUCTS)).set_index("product_id")
PRODUCT_NAMES: dict[str, str] = _SHELF["name"].to_dict()
SAID_PRICES: dict[str, float] = _SHELF["price"].to_dict()
# What the tills ask: somebody has mistyped the price of toothpaste in the table.
PRICES = SAID_PRICES | {"toothpaste": 5.95}

# Everybody gets honey as cheap in the week to come, and butter was as cheap for everybody three weeks ago.
PROMOTIONS = """\
product_id,starts_on,ends_on,price
honey,2024-03-31,2024-04-06,3.99
butter,2024-03-08,2024-03-14,1.89
"""

FUNDINGS = """\
funder,agreement,product_id,starts_on,ends_on,funded_bp,budget
Roast & Sons,2024-1,coffee,2024-03-01,2024-04-30,5000,20.00
"""


@dataclass(frozen=True)
class Habit:
    """What somebody buys: at each visit all of `always`, and one after the other of `by_turns`, two at a time.

    Attributes:
        who: one sentence for the reader of the night.
        every: days between visits.
        first, last: days before the night of the first and the last visit.
        deals: everything is bought a fifth cheaper.
        store: where.

    """

    who: str
    always: str
    by_turns: str
    every: int
    last: int
    first: int = 110
    deals: bool = False
    store: str = "centre"


HABITS = {
    "anna": Habit("comes every week, never without bananas", "bananas", "milk bread eggs cheese pasta tomatoes juice butter", 7, 3, store="station"),
    "ben": Habit("came for the first time two days ago", "cigarettes coffee pasta tomatoes", "juice rice", 7, 2, first=2),
    "carla": Habit("has not come for four months", "deposit milk bread", "coffee cheese apples tea yoghurt rice", 7, 121, first=240),
    "dora": Habit("is thirteen and fetched vodka for somebody", "vodka", "milk juice chocolate apples yoghurt pasta bananas bread", 7, 4),
    "emil": Habit("has an open complaint", "bread cheese beer", "butter rice tea juice", 7, 5, store="harbour"),
    "frida": Habit("buys as much as ever", "milk bread butter coffee apples", "cheese eggs honey tea", 7, 2, first=240, store="station"),
    "gustav": Habit("comes for deals only", "butter coffee", "pasta rice chocolate juice tea yoghurt", 7, 3, deals=True),
    "hanna": Habit("shops most of a household of two", "sausages milk", "eggs bread apples cheese yoghurt pasta", 5, 2),
    "ivan": Habit("lives with Hanna", "beer bread rice coffee", "eggs cheese tomatoes", 10, 6),
    "jonas": Habit("has refused personal offers", "milk bread pasta rice", "juice tea eggs", 7, 3, store="station"),
    "klara": Habit("is held out by lot", "milk eggs bread apples", "yoghurt tea cheese", 7, 3, store="station"),
    "lena": Habit("had a complaint, which was settled", "honey toothpaste", "yoghurt apples bread tea chocolate juice", 7, 3),
    "mona": Habit("buys ham and beer", "ham beer", "bread tea cheese eggs rice apples", 6, 2),
    "noah": Habit("shops at the harbour, which has fewer goods", "milk bread", "coffee beer rice pasta", 7, 4, store="harbour"),
    "otto": Habit("has not come for five months", "bread beer eggs", "rice coffee tea butter", 7, 150, first=240),
}  # fmt: skip

PROGRAMME = """\
like = "classic-subscription"

language = "en"
day_starts_at = "00:00"
seed = 20240331
holdout = {share = 0.10, covers = ["bundle", "favourite"], salt = "golden/27"}
consent = {rule = "unless_refused"}
assumed_margin_bp = {default = 3000}
budget = {amount_minor = 300, period = "day"}
favourite = {budget = {amount_minor = 2_000}}
exclusions = {flags = ["tobacco", "partner"]}
law = {country = "DE"}
shelf = {store_sales = 1}

[rotation]
item_bundles = 1
returning = 3
"""
# The programme began a week ago, in one store.
BEGINNING = PROGRAMME + '\n[eligibility]\nstores = ["station"]\n'

RULES = """
[rules]
at_height = "thank_you"
deal_only = "at_most 1000"
lost = "win_back"

[rules.win_back]
seen_days = 364
amount_minor = 100
period = "day"

[rules.thank_you]
each_minor = 300
every_days = 56
valid_days = 14
says = "Thank you for coming so often."
amount_minor = 300
period = "day"

[rules.compensation]
each_minor = 500
within_days = 14
valid_days = 28
says = "We are sorry for the sour milk."
amount_minor = 500
period = "day"
"""


def visits(name: str, habit: Habit) -> list[dict[str, object]]:
    """The purchase lines of one customer, the oldest first."""
    turns, lines = habit.by_turns.split(), list[dict[str, object]]()
    count = (habit.first - habit.last) // habit.every + 1
    for number in range(count):
        day = habit.last + (count - 1 - number) * habit.every
        at = TONIGHT.as_of - day * DAY + timedelta(hours=10)
        some = [turns[(2 * number + step) % len(turns)] for step in (0, 1)]
        for line, product in enumerate([*habit.always.split(), *some], start=1):
            off = round(PRICES[product] / 5, 2) if habit.deals else 0.0
            lines.append(
                {
                    "customer_id": name,
                    "basket_id": f"{name}-{number}",
                    "line_no": line,
                    "purchased_at": at,
                    "product_id": product,
                    "quantity": 1,
                    "paid": round(PRICES[product] - off, 2),
                    "discount": off,
                    "store_id": habit.store,
                }
            )
    return lines


def write_golden_shop(folder: Path) -> None:
    """Write the shop's tables as its tills would."""
    folder.mkdir(parents=True)
    texts = {"customers": CUSTOMERS, "products": PRODUCTS, "promotions": PROMOTIONS, "fundings": FUNDINGS}
    for table, text in texts.items():
        (folder / f"{table}.csv").write_text(text, encoding="utf-8")
    (folder / "tables.toml").write_text(TABLES, encoding="utf-8")
    bought = [line for name, habit in HABITS.items() for line in visits(name, habit)]
    pd.DataFrame(bought).to_csv(folder / "purchases.csv", index=False)


@dataclass(frozen=True)
class GoldenNight:
    """Tonight in its workspace, and what the load found odd in the shop's tables."""

    workspace: Path
    findings: tuple[str, ...]
    result: NightResult

    @property
    def context(self) -> NightContext:
        """What the night's workers had."""
        run_id = self.result.run_id
        request = self.workspace / "runs" / run_id / "request.json"
        return NightContext(self.workspace, run_id, request.read_text(encoding="utf-8"))


def run_golden_nights(workspace: Path) -> GoldenNight:
    """Load and fit the shop in an empty folder, run the night of a week before, then tonight's."""
    write_golden_shop(workspace / "shop")
    summary = sources.load(workspace / "shop", workspace, buckets=1)
    fit_model(workspace, WEEK_BEFORE, FitProfile(affinity_cuts=2, churn_cuts=2))
    with closing(open_store(store_url_in(workspace))) as store:

        def night(moment: Moment, rules: str) -> NightResult:
            return run(workspace, moment, rules, store, now=moment.as_of, jobs=1, progress=silent)

        night(WEEK_BEFORE, BEGINNING)
        recall_product(store, "sausages", reason="Please bring them back.", now=TONIGHT.as_of)
        for day, found in ((20, Found.COMPLAINT), (25, Found.COMPLAINT_SETTLED)):
            at = datetime(2024, 3, day, 12, tzinfo=UTC)
            record_contacts(store, [Contact("lena", at, found, Channel.CALL, "Olga")], now=at)
        result = night(TONIGHT, PROGRAMME + RULES)
    return GoldenNight(workspace, tuple(summary.findings), result)
