"""What the day should do, as plainly as it can be said: dictionaries, one shop, times in UTC.

The model knows nothing of tables, sessions' rows or rendering. Prices are 2.99 at 15 % off (45 a unit), the
favourites bananas 1.00 and plantains 1.10 at 30 % off (30 and 33). Items 6 and 7 stand in for what is sold out of 0 to 4.
Cleo shares Anna's bundle.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

ITEMS = 5
SLOTS = 3
UNITS_OF_OFFER, UNITS_OF_FAVOURITE = 4, 2
UNITS_A_DAY, REDEMPTIONS_A_DAY, TILLS = 9, 3, 2
SHOWN, REFRESHES, SWAPS = 3, 2, 1  # of a pool of ITEMS
HOUR = timedelta(hours=1)
FAVOURITES = {"1082185": 30, "1082186": 33}
FAVOURITE_DAYS = 2
STAND_INS = ("6", "7")
STAND_INS_A_BUNDLE = 2
SHARES = {"cleo": "anna"}


def owner(customer: str) -> str:
    """Whose bundle they use, and whose caps count with theirs."""
    return SHARES.get(customer, customer)


@dataclass
class StandIn:
    number: int  # of the offer
    item: str
    ended: datetime | None = None  # the day


@dataclass(frozen=True)
class DrawnSet:
    number: int
    how: str
    day: datetime
    ends: datetime
    offers: list[int]


@dataclass
class Bundle:
    night: datetime
    run: str
    starts: datetime
    ends: datetime
    states: list[str]
    touched: bool = False
    is_pool: bool = False
    drawn: list[DrawnSet] = field(default_factory=list)
    stood_in: list[StandIn] = field(default_factory=list)

    def current(self, now: datetime) -> DrawnSet | None:
        return self.drawn[-1] if self.drawn and self.drawn[-1].ends > now else None

    def shown(self, now: datetime) -> list[int]:
        if not self.is_pool:
            return list(range(ITEMS))
        current = self.current(now)
        return [] if current is None else current.offers

    def count(self, how: str, day: datetime) -> int:
        return sum((one.how, one.day) == (how, day) for one in self.drawn)

    def standing(self) -> dict[int, StandIn]:
        return {one.number: one for one in self.stood_in if one.ended is None}

    def usable(self, number: int, today: datetime) -> set[str]:
        """What tills take in the place of an offer's item: what stands in, and what did today."""
        of_it = [one for one in self.stood_in if one.number == number]
        return {one.item for one in of_it if one.ended is None or one.ended >= today}

    def offer(self, number: int) -> str:
        return f"{self.run}/{number}"


@dataclass
class Favourite:
    number: int
    item: str
    chosen: datetime
    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class Line:
    """A line with its discount: `what` is ("offer", bundle, number) or ("favourite", favourite number)."""

    line_id: str
    what: tuple[object, ...]
    units: int
    discount: int
    item: str = ""


@dataclass
class Held:
    customer: str
    till: str
    day: datetime
    ends: datetime
    lines: list[Line]


@dataclass
class Sale:
    customer: str
    till: str
    day: datetime
    at: datetime
    lines: dict[str, Line]
    back: set[str] = field(default_factory=set)

    @property
    def standing(self) -> list[Line]:
        return [line for name, line in self.lines.items() if name not in self.back]


@dataclass
class Model:
    now: datetime
    bundles: dict[str, list[Bundle]]
    favourites: dict[str, list[Favourite]]
    sessions: dict[str, Held] = field(default_factory=dict)
    sales: dict[str, Sale] = field(default_factory=dict)
    automatic: bool = False
    pools: bool = False
    sold_out: set[str] = field(default_factory=set)

    @property
    def today(self) -> datetime:
        return self.now.replace(hour=0, minute=0, second=0, microsecond=0)

    def bundle(self, customer: str) -> Bundle | None:
        return next((one for one in self.bundles[owner(customer)] if one.starts <= self.now < one.ends), None)

    def favourite(self, customer: str) -> Favourite | None:
        found = (one for one in self.favourites[customer] if one.starts <= self.now < one.ends)
        return next(found, None)

    def live(self, customer: str, beside: str | None = None) -> list[Held]:
        return [
            held
            for key, held in self.sessions.items()
            if owner(held.customer) == owner(customer) and held.ends > self.now and key != beside
        ]

    def held_offers(self, customer: str) -> set[tuple[object, ...]]:
        return {line.what for held in self.live(customer) for line in held.lines}

    def price(
        self, customer: str, basket: list[tuple[str, int, bool]], till: str, beside: str | None = None
    ) -> list[Line]:
        """What a basket of (item, units, promoted) saves; `beside` is the session that is priced anew."""
        live = [held for held in self.live(customer, beside) if held.lines]
        sales = [sale for sale in self._sales_of(customer) if sale.standing]
        of_today = [sale for sale in sales if sale.day == self.today]
        held_today = [held for held in live if held.day == self.today]
        if len(of_today) + len(held_today) >= REDEMPTIONS_A_DAY:
            return []
        tills = {sale.till for sale in sales if sale.at > self.now - HOUR}
        tills |= {held.till for held in live if held.ends > self.now - HOUR}
        if till not in tills and len(tills) >= TILLS:
            return []
        lines = [line for sale in of_today for line in sale.standing]
        lines += [line for held in held_today for line in held.lines]
        left = UNITS_A_DAY - sum(line.units for line in lines)
        bundle, favourite = self.bundle(customer), self.favourite(customer)
        taken = {line.what for held in live for line in held.lines}
        used = 0 if bundle is None else bundle.states.count("redeemed")
        used += sum(what[:2] == ("offer", None if bundle is None else bundle.run) for what in taken)
        found: list[Line] = []
        for place, (item, units, promoted) in enumerate(basket):
            if item.isdigit() and len(item) == 1:
                best = None if bundle is None else self._best(bundle, item, found, taken, used)
                if best is None:
                    continue
                (what, cap), each = best, 45
            else:
                if favourite is None or favourite.item != item:
                    continue
                what, each = ("favourite", customer, favourite.number), FAVOURITES[item]
                cap = UNITS_OF_FAVOURITE - self.units_today(what, customer, beside)
                cap -= sum(line.units for line in found if line.what == what)
            given = min(units, cap, left)
            if given <= 0 or promoted:
                continue
            left -= given
            found.append(Line(str(place), what, given, given * each, item))
        return found

    def _best(
        self, bundle: Bundle, item: str, found: list[Line], taken: set[tuple[object, ...]], used: int
    ) -> tuple[tuple[object, ...], int] | None:
        """The offer that a milk is discounted by, with the units it has left: the one with most, then one that has its slot."""
        fitting: list[tuple[int, bool, tuple[object, ...]]] = []
        for number in bundle.shown(self.now):
            instead = bundle.usable(number, self.today)
            what = ("offer", bundle.run, number)
            if item not in {str(number), *instead} or bundle.states[number] != "activated" or what in taken:
                continue
            mine = [line for line in found if line.what == what]
            if instead and mine and mine[0].item != item:
                continue
            slots = {line.what for line in found if line.what[0] == "offer"}
            if mine or bundle.is_pool or used + len(slots) < SLOTS:
                fitting.append((UNITS_OF_OFFER - sum(line.units for line in mine), bool(mine), what))
        if not fitting:
            return None
        cap, _, what = max(fitting, key=lambda one: one[:2])
        return what, cap

    def tell(self, item: str, *, gone: bool) -> None:
        """The shop says that a milk is sold out, or there again."""
        if gone == (item in self.sold_out):
            return
        self.sold_out = self.sold_out | {item} if gone else self.sold_out - {item}
        for bundle in self._open():
            if item not in STAND_INS or item in {one.item for one in bundle.standing().values()}:
                self._look_through(bundle)

    def look_after_a_night(self) -> None:
        for bundle in self._open():
            if self.sold_out - set(STAND_INS):
                self._look_through(bundle)

    def _open(self) -> list[Bundle]:
        return [one for some in self.bundles.values() for one in some if one.ends > self.now]

    def _look_through(self, bundle: Bundle) -> None:
        standing = bundle.standing()
        has, kept, short = {one.item for one in standing.values()}, 0, []
        for number, state in enumerate(bundle.states):
            there = standing.get(number)
            if str(number) in self.sold_out and there is not None and there.item not in self.sold_out:
                kept += 1
                continue
            if there is not None:
                there.ended = self.today
            if str(number) in self.sold_out and state != "redeemed":
                short.append(number)
        for number in short:
            free = [item for item in STAND_INS if item not in has and item not in self.sold_out]
            if kept < STAND_INS_A_BUNDLE and free:
                bundle.stood_in.append(StandIn(number, free[0]))
                has.add(free[0])
                kept += 1

    def shown(self, customer: str, bundle: Bundle) -> list[str]:
        """The milk that each offer shows: of a used one what it was used for."""
        items = [str(number) for number in range(ITEMS)]
        for number, there in bundle.standing().items():
            items[number] = there.item
        for sale in self._sales_of(customer):
            for line in sale.standing:
                if line.what[:2] == ("offer", bundle.run):
                    items[int(str(line.what[2]))] = line.item
        return items

    def _sales_of(self, customer: str) -> list[Sale]:
        return [sale for sale in self.sales.values() if owner(sale.customer) == owner(customer)]

    def units_today(self, what: tuple[object, ...], customer: str, beside: str | None) -> int:
        held = (line for one in self.live(customer, beside) if one.day == self.today for line in one.lines)
        sold = (line for sale in self.sales.values() if sale.day == self.today for line in sale.standing)
        return sum(line.units for line in (*held, *sold) if line.what == what)

    def publish(self, run: str, customers: list[str], days: int, *, automatic: bool) -> None:
        """Everybody without a bundle for the same time gets one; a repeated night replaces untouched ones."""
        self.automatic = automatic
        starts, ends = self.today, self.today + timedelta(days=days)
        for customer in customers:
            kept = [one for one in self.bundles[customer] if one.night != self.today or one.touched]
            self.bundles[customer] = kept
            if not any(one.starts < ends and one.ends > starts for one in kept):
                states = ["activated" if automatic else "offered"] * ITEMS
                kept.append(Bundle(self.today, run, starts, ends, states, is_pool=self.pools))

    def free(self, customer: str, bundle: Bundle) -> set[int]:
        """What of a pool can be drawn."""
        held = self.held_offers(customer)
        return {
            number
            for number, state in enumerate(bundle.states)
            if state != "redeemed" and ("offer", bundle.run, number) not in held
        }

    def why_nothing_is_drawn(self, customer: str) -> str:
        """Before a refresh or a swap; empty where a set is shown."""
        bundle = self.bundle(customer)
        if bundle is None or not bundle.is_pool:
            return "nothing_to_claim"
        return "" if bundle.current(self.now) else "not_claimed"

    def why_no_refresh(self, customer: str, *, stale: bool) -> str:
        why, bundle = self.why_nothing_is_drawn(customer), self.bundle(customer)
        if why or bundle is None:
            return why
        shown, free = set(bundle.shown(self.now)), self.free(customer, bundle)
        if stale:
            return "set_outdated"
        if shown - free:
            return "set_in_use"
        if bundle.count("refresh", self.today) >= REFRESHES:
            return "no_refresh_left"
        return "" if free - shown else "no_other_offer"

    def why_no_swap(self, customer: str, number: int) -> str:
        why, bundle = self.why_nothing_is_drawn(customer), self.bundle(customer)
        if why or bundle is None:
            return why
        shown, free = bundle.shown(self.now), self.free(customer, bundle)
        if number not in shown:
            return "offer_not_found"
        if number not in free:
            return "offer_redeemed" if bundle.states[number] == "redeemed" else "offer_reserved"
        if bundle.count("swap", self.today) >= SWAPS:
            return "no_swap_left"
        return "" if free - set(shown) else "no_other_offer"

    def draw(self, customer: str, how: str, offers: list[int]) -> None:
        """What was drawn is looked at, not foretold: as many as a set has, nothing twice before all else was shown."""
        bundle = self.bundle(customer)
        assert bundle is not None
        before, free = set(bundle.shown(self.now)), self.free(customer, bundle)
        of_today = [number for one in bundle.drawn if one.day == self.today for number in one.offers]
        assert len(set(offers)) == len(offers)
        come, unseen = set(offers) - before, free - set(of_today)
        assert come <= free
        if how == "swap":
            assert (len(come), len(before - set(offers))) == (1, 1)
            assert come <= unseen or not unseen
        else:
            assert len(offers) == min(SHOWN, len(free))
            assert len(come & unseen) == min(SHOWN, len(unseen))
            assert not before & set(offers) or free - before <= come
        tomorrow = self.today + timedelta(days=1)
        bundle.drawn.append(DrawnSet(len(bundle.drawn) + 1, how, self.today, tomorrow, offers))
        bundle.touched = True

    def sell(self, name: str, customer: str, till: str, day: datetime, lines: list[Line]) -> None:
        self.sales[name] = Sale(customer, till, day, self.now, {line.line_id: line for line in lines})
        self.mark(customer, lines, "redeemed")

    def mark(self, customer: str, lines: list[Line], state: str) -> None:
        for bundle in self.bundles[owner(customer)]:
            for line in lines:
                if line.what[:2] == ("offer", bundle.run):
                    bundle.states[int(str(line.what[2]))] = state
                    bundle.touched = True

    def take_back(self, name: str, line_ids: set[str]) -> None:
        sale = self.sales[name]
        sale.back |= line_ids
        standing = {line.what for line in sale.standing}
        freed = [sale.lines[name] for name in line_ids if sale.lines[name].what not in standing]
        self.mark(sale.customer, freed, "activated")
