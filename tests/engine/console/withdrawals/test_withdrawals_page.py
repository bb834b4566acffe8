from pathlib import Path

from engine.domain.console_users import Role
from engine.settings import store_url_in
from engine.store import open_store
from engine.store.access.audit import records
from tests.engine.console.conftest import OpenDesk
from tests.engine.shop import publish_shop


def test_a_product_is_withdrawn_and_comes_back(desk: OpenDesk, tmp_path: Path) -> None:
    someone = desk(Role.EDITOR)
    store = open_store(store_url_in(tmp_path))
    publish_shop(store, ["anna"])
    assert "No product is withdrawn" in someone.reads("/console/products")
    done = someone.post("/console/products/recall", {"product": " 995240 ", "reason": "Glass in it."})
    said = someone.reads(done.headers["location"])
    assert "The product is withdrawn" in said
    assert "995240 since 4 Dec 2017, 09:00" in said
    assert "Glass in it." in said
    assert "1 product is withdrawn from all offers" in someone.reads("/console")
    someone.get("/console/products")
    someone.post("/console/products/lift", {"product": "995240"})
    assert "No product is withdrawn" in someone.reads("/console/products")
    told = [(act.actor, act.action, act.subject) for act in records(store)][-2:]
    store.close()
    assert told == [
        ("console editor", "recalled", "995240"),
        ("console editor", "recall_lifted", "995240"),
    ]


def test_a_product_that_nobody_knows_is_refused(desk: OpenDesk, tmp_path: Path) -> None:
    someone = desk(Role.EDITOR)
    store = open_store(store_url_in(tmp_path))
    publish_shop(store, ["anna"])
    store.close()
    someone.get("/console/products")
    answer = someone.post("/console/products/recall", {"product": "999", "reason": "Glass in it."})
    assert answer.status_code == 422
    assert "There is no product 999" in answer.text


def test_an_editor_stops_everything_and_an_approver_lets_it_go_on(desk: OpenDesk, tmp_path: Path) -> None:
    editor, approver = desk(Role.EDITOR), desk(Role.APPROVER)
    store = open_store(store_url_in(tmp_path))
    publish_shop(store, ["anna"])
    store.close()
    editor.get("/console/products")
    editor.post("/console/products/stop", {"reason": "All prices are wrong."})
    said = editor.reads("/console")
    assert (
        "All personal offers are stopped since 4 December 2017" in said or "stopped since 4 Dec 2017" in said
    )
    assert "An approver lets offers go on." in editor.reads("/console/products")
    approver.get("/console/products")
    approver.post("/console/products/resume")
    assert "stopped since" not in approver.reads("/console")
