"""The run folder: everything one night read, decided and wrote, so that it can resume, be checked and be read.

runs/RUN_ID/
  request.json            what the night was asked to do and from which data, model, programme and code
  programme.toml          the rules, as they stood
  wording.toml            the shop's own sentences, as they stood, where it has some
  snapshot/               what it read of the store: committed.json, use.json; arms/, open/, favourites/, paused/ and, where the policy asks
                          for them, offers/bucket=NNNN.parquet; rotation/ and gifts/bucket=NNNN.parquet where the programme asks; of other programmes: beside/bucket=NNNN.parquet; and of the runs before: shadows/bucket=NNNN.parquet
  items.parquet           the shop's items just before `as_of`, price and statistics
  products.parquet        the same of its products, where the items are families
  households.parquet      whose household has its bundle with another member, where the programme gives one a household
  sharers.parquet         who shares a bundle with whom, and the age of the youngest, where the programme lets households share
  promoted.parquet        what is promoted for everybody around that day, where the shop says it
  sold_lately.parquet     how often items were sold lately in each store, where the programme asks for it
  shown.json              what the shop says of products beside name and price, where it says anything
  lowest_prices.json      at which price everybody could buy each product in 30 days, where the programme's law asks
  plan/bucket=NNNN/       first pass, one folder a bucket
  suggestions/            first pass, bucket=NNNN.parquet: what each customer is advised to pick as their favourite
  people/bucket=NNNN.parquet  where every known customer stands: STANDINGS of `models.tables`
  ruled/bucket=NNNN.parquet   first pass: whom the programme's [rules] are about, what each gets and what that takes; only where it has them
  grants.parquet          second pass: what the night gives without a condition; only where the programme's [rules] give it
  slots/, outcomes/       second pass, bucket=NNNN.parquet: SLOT_LOG and OUTCOMES of `models.tables`
  shadow/                 second pass, bucket=NNNN.parquet: SHADOW_LOG, what those who get nothing by lot would have got
  funded/                 second pass, bucket=NNNN.parquet: FUNDED_LOG, only where the shop says what suppliers pay
  sight/                  what people look at: night.json (the guard's values, published or not), report.html
  erasing.json            there only while customers are being taken out of the run: who, and how many went before
  manifest.json           written last: counts, money and the SHA-256 of every file but plan/, sight/, erasing.json, kept.parquet and served
  kept.parquet            whose bundle of a run that was replaced stayed, because they had touched it (`served_nights`)
  served                  empty; there only while the run is the published one of its night (`served_nights`)

Every file and every plan appears whole or not at all (`models.ground.durable`), so a night that was killed takes up what
is there. The plans are removed once the run is published; they can be computed again.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from engine.domain.budget_lines import WIN_BACK
from models.ground.durable import discard, file_sha256, readable_json, sweep, write_text, write_whole
from models.ground.errors import BadInput
from models.ground.shop_ids import is_id
from models.ground.toml_text import parse_toml
from models.tables import CUSTOMER_ID, KEPT_FILE, SERVED_MARK


@dataclass(frozen=True)
class RunFolder:
    """Paths and whole-or-nothing writes of one run."""

    path: Path

    @classmethod
    def of(cls, workspace: Path, run_id: str) -> "RunFolder":
        """The folder of a run, existing or not; BadInput for a name that would lead elsewhere."""
        if not is_id(run_id):
            raise BadInput(
                f"There is no run {run_id!r} in {workspace}; `abonement runs list` names them all."
            )
        return cls(workspace / "runs" / run_id)

    @property
    def run_id(self) -> str:
        """The run's name."""
        return self.path.name

    @property
    def items(self) -> Path:
        """The shop's items."""
        return self.path / "items.parquet"

    @property
    def products(self) -> Path:
        """The shop's products, where its items are families."""
        return self.path / "products.parquet"

    @property
    def promoted(self) -> Path:
        """What is promoted for everybody around the night, where the shop says it."""
        return self.path / "promoted.parquet"

    @property
    def programme(self) -> Path:
        """The rules."""
        return self.path / "programme.toml"

    @property
    def claim(self) -> tuple[int, int] | None:
        """Of a pool that its customer claims of, `shown` and `days` of the programme; None where every offer counts."""
        if not self.programme.exists():  # a folder of which an erasure or a prune left the logs only
            return None
        found = parse_toml(self.programme.read_text(encoding="utf-8")).get("claim")
        return None if found is None else (found["shown"], found.get("days", 1))

    @property
    def wording(self) -> Path:
        """The shop's own sentences; there only if the request has `wording`."""
        return self.path / "wording.toml"

    def plan(self, bucket: int) -> Path:
        """First pass of a bucket; the folder exists once it is whole."""
        return self.path / "plan" / f"bucket={bucket:04d}"

    @property
    def shown(self) -> dict[str, dict[str, str]]:
        """What the shop says of products beside name and price, by product id."""
        return self._read("shown.json") or {}

    @property
    def households(self) -> Path:
        """Whose household has its one bundle with another member; there only where the programme gives one a household."""
        return self.path / "households.parquet"

    @property
    def sharers(self) -> Path:
        """Who shares a bundle with whom; there only where the programme lets households share."""
        return self.path / "sharers.parquet"

    @property
    def sold(self) -> Path:
        """How often items were sold lately, by store; there only where the programme asks for it."""
        return self.path / "sold_lately.parquet"

    def keep_shown(self, shown: dict[str, dict[str, str]]) -> None:
        """Write that; a shop that says nothing has no such file."""
        write_text(self.path / "shown.json", readable_json(shown))

    @property
    def lowest_prices(self) -> dict[str, int]:
        """The lowest price at which everybody could buy each product in the last 30 days, by product id."""
        return self._read("lowest_prices.json") or {}

    def keep_lowest_prices(self, lowest: dict[str, int]) -> None:
        """Write that; a night whose law does not ask has no such file."""
        write_text(self.path / "lowest_prices.json", readable_json(lowest))

    def people(self, bucket: int) -> Path:
        """Where every known customer of a bucket stands; written before the bucket's plan."""
        return self.path / "people" / f"bucket={bucket:04d}.parquet"

    def ruled(self, bucket: int) -> Path:
        """Whom of a bucket the programme's [rules] are about; there only where it has them, written before the plan."""
        return self.path / "ruled" / f"bucket={bucket:04d}.parquet"

    def counts(self, bucket: int) -> Path:
        """Histograms of a bucket's candidates, for the guard."""
        return self.path / "plan" / f"bucket={bucket:04d}.counts.json"

    def keep_sight(self, name: str, content: dict[str, Any]) -> None:
        """Write what people should see of the night, published or not; no part of its result."""
        write_text(self.path / "sight" / name, readable_json(content))

    def sight(self, name: str) -> dict[str, Any] | None:
        """What `keep_sight` wrote."""
        return self._read(f"sight/{name}")

    def slots(self, bucket: int) -> Path:
        """Final slots of a bucket."""
        return self.path / "slots" / f"bucket={bucket:04d}.parquet"

    def shadows(self, bucket: int) -> Path:
        """What those of a bucket who get nothing by lot would have got; never published."""
        return self.path / "shadow" / f"bucket={bucket:04d}.parquet"

    def funded(self, bucket: int) -> Path:
        """What suppliers pay of a bucket's offers; there only where the shop says that they pay."""
        return self.path / "funded" / f"bucket={bucket:04d}.parquet"

    def fundings_beside(self, slots: Path) -> Path | None:
        """The same for a file of slots; None where nobody pays."""
        path = self.path / "funded" / slots.name
        return path if path.exists() else None

    def lines_beside(self, slots: Path) -> dict[str, str]:
        """For a file of slots, which line of the budget pays, by customer; absent is the programme's [budget]."""
        path = self.path / "ruled" / slots.name
        if not path.exists():
            return {}
        asked_back = pd.read_parquet(path, columns=[CUSTOMER_ID], filters=[("gets", "==", WIN_BACK)])
        return dict.fromkeys(asked_back[CUSTOMER_ID].tolist(), WIN_BACK)

    @property
    def grants(self) -> Path:
        """What the night gives without a condition; there only where the programme's [rules] give it."""
        return self.path / "grants.parquet"

    def gifts(self, bucket: int) -> Path:
        """Who of a bucket was thanked lately, and whose complaint was settled; there only where the programme gives for that."""
        return self.path / "snapshot" / "gifts" / f"bucket={bucket:04d}.parquet"

    def open_shadows(self, bucket: int) -> Path:
        """Customers of a bucket for whom what they would have got in an earlier night is still running."""
        return self.path / "snapshot" / "shadows" / f"bucket={bucket:04d}.parquet"

    def outcomes(self, bucket: int) -> Path:
        """Every scored customer of a bucket and what came of them."""
        return self.path / "outcomes" / f"bucket={bucket:04d}.parquet"

    def open_customers(self, bucket: int) -> Path:
        """Customers of a bucket who keep the bundle they have."""
        return self.path / "snapshot" / "open" / f"bucket={bucket:04d}.parquet"

    def favourites(self, bucket: int) -> Path:
        """Favourites of a bucket's customers that count while tonight's bundles may."""
        return self.path / "snapshot" / "favourites" / f"bucket={bucket:04d}.parquet"

    def paused(self, bucket: int) -> Path:
        """Customers of a bucket whom a contact found moved, or with a complaint that is not settled."""
        return self.path / "snapshot" / "paused" / f"bucket={bucket:04d}.parquet"

    def offers_lately(self, bucket: int) -> Path:
        """How many offers of a bucket's customers ended lately and were used; there only where the policy asks for it."""
        return self.path / "snapshot" / "offers" / f"bucket={bucket:04d}.parquet"

    def offered_before(self, bucket: int) -> Path:
        """What a bucket's customers were offered lately; there only where the programme says what may return."""
        return self.path / "snapshot" / "rotation" / f"bucket={bucket:04d}.parquet"

    def offered_beside(self, bucket: int) -> Path:
        """What a bucket's customers are offered by other programmes; there only where they are offered something."""
        return self.path / "snapshot" / "beside" / f"bucket={bucket:04d}.parquet"

    def arms(self, bucket: int) -> Path:
        """In which arm every customer of a bucket is."""
        return self.path / "snapshot" / "arms" / f"bucket={bucket:04d}.parquet"

    def suggestions(self, bucket: int) -> Path:
        """What a bucket's customers are advised to pick."""
        return self.path / "suggestions" / f"bucket={bucket:04d}.parquet"

    @property
    def erasing(self) -> Path:
        """Who is being taken out of the run; there only until they are."""
        return self.path / "erasing.json"

    def erasing_begun(self) -> dict[str, Any] | None:
        """What an erasure that is under way, or was killed, noted before it took anybody out."""
        return self._read(self.erasing.name)

    @property
    def committed_milli(self) -> int | None:
        """Money committed when the night began, thousandths of a minor unit; None before the snapshot."""
        snapshot = self._read("snapshot/committed.json")
        return None if snapshot is None else int(snapshot["committed_milli"])

    @property
    def committed_in_cells(self) -> dict[str, int]:
        """Of that, what is committed to the customers of each cell; empty while no experiment runs."""
        snapshot = self._read("snapshot/committed.json") or {}
        return dict(snapshot.get("cells", {}))

    @property
    def committed_in_lines(self) -> dict[str, int]:
        """What is committed beside that from each line of the budget; empty where the programme has none."""
        snapshot = self._read("snapshot/committed.json") or {}
        return dict(snapshot.get("lines", {}))

    def keep_committed(
        self, committed_milli: int, in_cells: Mapping[str, int], in_lines: Mapping[str, int]
    ) -> None:
        """Write that part of the snapshot."""
        content: dict[str, Any] = {"committed_milli": committed_milli}
        if in_cells:
            content["cells"] = dict(in_cells)
        if in_lines:
            content["lines"] = dict(in_lines)
        write_text(self.path / "snapshot" / "committed.json", readable_json(content))

    def use(self) -> dict[str, Any]:
        """What tills had given when the night began (`engine.nightly.in_force.budget_use`); empty before the snapshot, and in former runs."""
        return self._read("snapshot/use.json") or {}

    def keep_use(self, use: dict[str, Any]) -> None:
        """Write that part of the snapshot."""
        write_text(self.path / "snapshot" / "use.json", readable_json(use))

    @property
    def is_finished(self) -> bool:
        """True once everything has been computed and described."""
        return (self.path / "manifest.json").exists()

    def begin(self, request: dict[str, Any], programme_text: str, wording_text: str | None) -> None:
        """Take up the folder for a request: that of an unfinished night with the same one, else an empty one.

        `wording_text` is the shop's own, None where it has none.
        Another request under the same name was never published; its files are removed.
        """
        sweep(self.path.parent, inside=False)
        sweep(self.path)
        if self._read("request.json") == request:
            return
        discard(self.path)
        self.path.mkdir(parents=True)
        write_text(self.programme, programme_text)
        if wording_text is not None:
            write_text(self.wording, wording_text)
        write_text(self.path / "request.json", readable_json(request))

    def forget(self, bucket: int) -> None:
        """Drop what was computed for a bucket, because what it was computed from has changed."""
        self.unsettle()
        discard(self.plan(bucket))

    def unsettle(self) -> None:
        """Drop the second pass of every bucket: all are settled at one shadow price, and that has moved.

        In this order, so that whatever is left after a kill is not taken for finished.
        """
        for name in ("manifest.json", "outcomes", "shadow", "slots", "funded", "grants.parquet"):
            discard(self.path / name)

    def drop_plans(self) -> None:
        """Remove the first pass, which only a night that is not published yet can need."""
        discard(self.path / "plan")

    def request(self) -> dict[str, Any]:
        """What the night was asked to do."""
        return self._required("request.json")

    def manifest(self) -> dict[str, Any]:
        """The finished run's manifest; BadInput where there is none or it is damaged."""
        manifest = self._required("manifest.json")
        if not isinstance(manifest.get("files"), dict):
            raise self._damaged("manifest.json")
        return manifest

    def finish(self, about: dict[str, Any]) -> dict[str, Any]:
        """Write the manifest with the digest of every file of the run; returns it."""
        manifest = about | {"files": self.digests()}
        write_text(self.path / "manifest.json", readable_json(manifest))
        return manifest

    def digests(self) -> dict[str, str]:
        """SHA-256 of every file but the manifest, the plans, marks and what is only looked at, by path inside the folder."""
        files = {
            path.relative_to(self.path).as_posix(): path for path in self.path.rglob("*") if path.is_file()
        }
        return {
            name: file_sha256(files[name])
            for name in sorted(files)
            if name not in ("manifest.json", self.erasing.name, SERVED_MARK, KEPT_FILE)
            and not name.startswith(("plan/", "sight/"))
            and "/." not in f"/{name}"
        }

    def checked_files(self, kind: str) -> list[Path]:
        """The finished run's files of "slots", "shadow", "outcomes", "people" or "ruled", in the order of the buckets.

        Raises:
            BadInput: there is no finished run, or a file is not the one that its manifest recorded.
        """
        recorded: dict[str, str] = self.manifest()["files"]
        names = sorted(name for name in recorded if name.startswith(f"{kind}/"))
        for name in names:
            file = self.path / name
            if not file.is_file() or file_sha256(file) != recorded[name]:
                raise BadInput(
                    f"{file} is missing or was changed after the run; expected the file that run {self.run_id} wrote. "
                    "Bring it back from a copy of the run folder."
                )
        return [self.path / name for name in names]

    def slot_files(self) -> list[Path]:
        """All slot logs, in the order of the buckets."""
        return sorted((self.path / "slots").glob("bucket=*.parquet"))

    def shadow_files(self) -> list[Path]:
        """All shadow logs, in the order of the buckets; none in a run of an earlier release."""
        return sorted((self.path / "shadow").glob("bucket=*.parquet"))

    def outcome_files(self) -> list[Path]:
        """All outcomes, in the order of the buckets."""
        return sorted((self.path / "outcomes").glob("bucket=*.parquet"))

    def _required(self, name: str) -> dict[str, Any]:
        content = self._read(name)
        if content is None and (self.path / name).exists():
            raise self._damaged(name)
        if content is None:
            raise BadInput(
                f"Run {self.run_id} has no {name} in {self.path}: there is no such run, or it is unfinished or was pruned; "
                "`abonement runs list` tells."
            )
        return content

    def _damaged(self, name: str) -> BadInput:
        return BadInput(
            f"{self.path / name} is damaged: expected the JSON that the night wrote. Bring it back from a copy of "
            "the run folder."
        )

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            content = json.loads((self.path / name).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):  # no JSON, or no UTF-8
            return None
        return content if isinstance(content, dict) else None


def tidy(workspace: Path, published: Collection[str]) -> None:
    """Remove what killed nights left in the folders of published runs: plans that are needed no more."""
    for path in (workspace / "runs").glob("[!.]*"):
        if path.name in published:
            sweep(path, inside=False)
            RunFolder(path).drop_plans()


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Write a table whole or not at all."""
    write_whole(path, lambda incoming: frame.to_parquet(incoming, index=False))
