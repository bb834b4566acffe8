"""The policies to begin with: each gives, for one night, what `engine.nightly.run` takes as its policy.

no_offers        nothing for anybody: the yardstick
random_bundles   any candidates at any depth, by hash: what chance alone would give
top_affinities   the likeliest items at 15 %: the naive use of a good model
pull             `engine.nightly.choosing.pull`: large savings on what is hardly bought anyway
shipped          `engine.nightly.choosing.policy.depth_rule`, what a shop gets without deciding anything
oracle           knows the world: `training.simulator.oracle.oracle`

Any other name is one that a programme could choose: an installed policy's, or `module:function`.
"""

import hashlib
import re
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.offer_errors import BadProgramme
from engine.nightly.choosing.bundling import NO_ROW, Sizes, pick_bundles
from engine.nightly.choosing.offer_options import Options
from engine.nightly.choosing.policies import named_policy
from engine.nightly.choosing.policy import Policy, Valuation, depth_rule, no_offers
from engine.nightly.choosing.pull import pull
from models.ground.errors import BadInput
from training.simulator.oracle.bundle_plans import Bundler, Evening
from training.simulator.oracle.oracle import Oracle
from training.simulator.oracle.true_value_rule import TrueValueRule
from training.simulator.scores.ranking import NAIVE, NO_OFFERS, ORACLE

# What the naive policy gives on everything.
NAIVE_BP = 1500
# A run's folder is called like its policy, beside the one of the weeks without offers.
_FOLDER = re.compile(r"(?!without$)\w[\w.:-]*")
_KEY_LENGTH = 16  # of pandas' keyed hash


def random_bundles(night: int) -> Policy:
    """Every candidate has a value and one depth, drawn from the seed, the night, the customer's and the item's id."""
    needs = frozenset({"allowed", "customer", "customer_id", "depths_bp", "item_id", "seed"})
    return Policy("random_bundles", _by_lot, needs, {"night": night})


def _by_lot(options: Options, *, night: int) -> Valuation:
    pairs = pd.Series(options.customer_id[options.customer]) + "\0" + pd.Series(options.item_id)
    value = _drawn(pairs, f"v{options.seed}/{night}")
    depths = len(options.depths_bp)
    depth = np.minimum(_drawn(pairs, f"d{options.seed}/{night}") * depths, depths - 1).astype(np.int64)
    return _at_one_depth(options, value, depth, propensity=1 / depths)


def _likeliest(options: Options, *, depth_bp: int) -> Valuation:
    depth = int(np.abs(options.depths_bp - depth_bp).argmin())
    return _at_one_depth(options, options.p_buy, np.full(len(options), depth))


# The items most likely to be bought, at the programme's depth next to 15 %.
top_affinities = Policy(
    NAIVE, _likeliest, frozenset({"allowed", "depths_bp", "p_buy"}), {"depth_bp": NAIVE_BP}
)


# As the loop's programme has them: five or six items, one or two of them new.
SIZES = Sizes(min_items=5, max_items=6, min_new=1, max_new=2)
# Its own, and what filling bundles reads.
_ORACLE_NEEDS = frozenset(
    {"allowed", "buys", "customer", "customer_id", "depths_bp", "item_id", "item_no", "removed_by", "sources"}
)


def oracle_policy(oracle: Oracle) -> Policy:
    """The bundles that the oracle chose for tonight among the night's candidates, at what they are worth."""

    def value(options: Options) -> Valuation:
        found = oracle.values(*_candidates(options), _bundler(options))
        return Valuation(
            found, np.ones_like(found), {"margin_minor": np.where(np.isfinite(found), found, 0.0)}
        )

    return Policy(ORACLE, value, _ORACLE_NEEDS, state=_told(oracle))


def true_value_policy(rule: TrueValueRule, oracle: Oracle) -> Policy:
    """Tonight's bundles by a rule that knows the world."""

    def value(options: Options) -> Valuation:
        night = Evening.of(oracle.world, *_candidates(options), _bundler(options))
        found = rule.values(night)
        return Valuation(found, np.ones_like(found))

    return Policy("true_value", value, _ORACLE_NEEDS, state=f"{rule} {_told(oracle)}")


def _candidates(
    options: Options,
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    return options.customer_id[options.customer], options.item_id, options.depths_bp, options.allowed


def _bundler(options: Options) -> Bundler:
    """Fill bundles as the night will."""

    def bundles(values: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
        choice = Valuation(values, np.ones_like(values))
        repeated = np.zeros(len(options), dtype=np.bool_)  # a world's products have names of their own
        picks = pick_bundles(options, choice, repeated, SIZES, len(options.depths_bp) - 1)
        chosen = np.zeros(len(options), dtype=np.bool_)
        chosen[picks.rows[picks.rows != NO_ROW]] = True
        return chosen, picks.depth

    return bundles


def _told(oracle: Oracle) -> str:
    """What an oracle's answer follows from: the world, how far it has lived, how far ahead is looked."""
    world = oracle.world
    about = f"{world.parameters.model_dump_json()} {world.seed} {len(world.customer_id)} {world.today} {oracle.days_left}"
    return hashlib.sha256(about.encode()).hexdigest()


def _fixed(policy: Policy) -> Callable[[int, Oracle], Policy]:
    return lambda _night, _oracle: policy


# Each takes the number of the night and an oracle that has seen tonight's world; only one of them asks it.
POLICIES: Mapping[str, Callable[[int, Oracle], Policy]] = {
    NO_OFFERS: _fixed(no_offers),
    "random_bundles": lambda night, _oracle: random_bundles(night),
    NAIVE: _fixed(top_affinities),
    "pull": _fixed(pull),
    "shipped": _fixed(depth_rule),
    ORACLE: lambda _night, oracle: oracle_policy(oracle),
}


def simulated_policy(name: str) -> Callable[[int, Oracle], Policy]:
    """Whoever gives tonight's policy under a name of POLICIES, or under one that `own_policy` knows."""
    return POLICIES[name] if name in POLICIES else _fixed(own_policy(name))


def own_policy(name: str) -> Policy:
    """A policy that is none of POLICIES: an installed one, or `module:function`.

    Raises:
        BadInput: there is no such policy, or its name cannot be that of a run's folder.

    """
    try:
        return named_policy(folder_name(name))
    except BadProgramme as error:
        raise BadInput(f"{error} The simulator's own are {', '.join(POLICIES)}.") from error


def folder_name(policy: str) -> str:
    """The policy's name; BadInput where a run's folder cannot be called so."""
    if not _FOLDER.fullmatch(policy):
        raise BadInput(
            f"There can be no run by a policy called {policy!r}: its folder is called so, and `without` holds the weeks without "
            "offers. Expected letters, digits, `_`, `.`, `-` and `:`; rename the policy."
        )
    return policy


def _drawn(names: "pd.Series[str]", salt: str) -> npt.NDArray[np.float64]:
    """Uniform on [0, 1) from each name."""
    key = f"{salt:>{_KEY_LENGTH}}"[-_KEY_LENGTH:]
    bits = pd.util.hash_array(names.to_numpy(dtype=object), hash_key=key, categorize=False)
    return ((bits >> np.uint64(11)) * 2.0**-53).astype(np.float64)


def _at_one_depth(
    options: Options, value: npt.NDArray[np.float64], depth: npt.NDArray[np.int64], propensity: float = 1.0
) -> Valuation:
    values = np.full(options.allowed.shape, -np.inf)
    values[np.arange(len(options)), depth] = value
    return Valuation(values, np.full(values.shape, propensity))
