"""`abonement show`: bundles as their customers see them."""

import json
from typing import Annotated

import typer

from engine.commands.options import AsJson, Now, StoreUrl, Workspace, existing_store
from models.running.terminal import answer


def show(
    workspace: Workspace,
    customer: Annotated[list[str] | None, typer.Option(help="Whose; may be repeated.")] = None,
    bundles: Annotated[int, typer.Option(min=1, help="How many, where no customer is named.")] = 3,
    arms: Annotated[
        bool, typer.Option("--arms", help="Also say who is held out; not for those who speak with customers.")
    ] = False,
    money: Annotated[
        bool,
        typer.Option(
            "--money",
            help="Also say what each offer is expected to be worth and would be otherwise, for analysts; with --arms also of a bundle "
            "that is only logged.",
        ),
    ] = False,
    why: Annotated[
        bool,
        typer.Option(
            "--why", help="Also say why each item, and which likely one was left out by which rule."
        ),
    ] = False,
    now: Now = None,
    store_url: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Print some customers' offers with their reasons, or why they have none."""
    from engine.commands.night_summary import bundle_card
    from engine.commands.offers_then import nobody_then
    from engine.day.offers_at_login import offers_at_login
    from engine.nightly.folder.bundle_in_money import bundle_in_money
    from engine.nightly.folder.left_out import left_out_for_promotion
    from engine.nightly.folder.rule_figures import rule_in_words, rule_of
    from engine.nightly.folder.run_folder import RunFolder
    from engine.nightly.folder.why_no_bundle import BY_RULE, why_no_bundle
    from engine.nightly.folder.why_these_items import why_these_items
    from engine.settings import deployment_now
    from engine.store.nights.login_views import customers_with_offers
    from engine.store.nights.run_records import current_run
    from engine.wording.money_sentences import money_lines
    from models.ground.errors import BadInput
    from models.ground.moment import parse_moment
    from models.tables import CUSTOMER_ID

    with existing_store(workspace, store_url) as store:
        run = current_run(store)
        if run is None:
            raise BadInput(
                f"Nothing was published in {workspace} yet; run `abonement nightly` first. `abonement runs list` shows what "
                "began and was not."
            )
        moment = deployment_now() if now is None else parse_moment(now, run.timezone, "--now").as_of
        shown = customer or customers_with_offers(store, moment, limit=bundles)
        views = [json.loads(offers_at_login(store, customer_id, moment).body) for customer_id in shown]
        folder = RunFolder.of(workspace, run.run_id)
        for view in views:
            if view["bundle"] is None:
                view["no_bundle"] = why_no_bundle(folder, view[CUSTOMER_ID], tell_arms=arms)._asdict()
            elif promoted := left_out_for_promotion(folder, view[CUSTOMER_ID]):
                view["planned_promotion"] = promoted
            if view["bundle"] is not None or view["no_bundle"]["code"] in BY_RULE:
                by = folder if view["bundle"] is None else RunFolder.of(workspace, view["bundle"]["run_id"])
                if rule := rule_of(by, view[CUSTOMER_ID]):
                    view["rule"] = rule | {"text": rule_in_words(rule)}
            if why and view["bundle"] is not None:
                made = RunFolder.of(workspace, view["bundle"]["run_id"])
                view["why"] = why_these_items(made, view[CUSTOMER_ID])
            if money and (view["bundle"] is not None or arms):
                shadow = view["bundle"] is None
                made = folder if shadow else RunFolder.of(workspace, view["bundle"]["run_id"])
                worth = bundle_in_money(workspace, made, view[CUSTOMER_ID], shadow=shadow)
                if worth is not None:
                    view["worth"] = worth | {"text": money_lines(worth, run.currency)}
        said = "\n".join(map(bundle_card, views)) or nobody_then(store, now)
    answer(said, {"customers": views}, as_json)
