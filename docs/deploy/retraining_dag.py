"""Abonement in Airflow: once a week a new version is fitted, judged against the one in use, and promoted unless it is worse.

Beside `airflow_dag.py`. A version that an evaluation found significantly worse is not promoted: exit code 3, which alerts
at once and is not tried again; nights go on with the version that they have. The workspace is loaded by the nights.
"""

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

# The version is handed on in a file, so that each task can be started again by hand.
FIT = """set -eu
mkdir -p "$ABONEMENT_WORKSPACE/retraining"
set -- --workspace "$ABONEMENT_WORKSPACE" --as-of "$ABONEMENT_AS_OF"
if [ -f "$ABONEMENT_WORKSPACE/profile.toml" ]; then set -- "$@" --profile "$ABONEMENT_WORKSPACE/profile.toml"; fi
abonement-train fit "$@" --json > "$ABONEMENT_WORKSPACE/retraining/fit.json"
"""
FITTED = """set -eu
version=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["version"])' "$ABONEMENT_WORKSPACE/retraining/fit.json")
"""
EVALUATE = f"""{FITTED}
abonement-train evaluate --workspace "$ABONEMENT_WORKSPACE" --as-of "$ABONEMENT_AS_OF" --version "$version" \
    --out "$ABONEMENT_WORKSPACE/retraining/$version"
"""
# Not tried again: time does not make a version better, and a busy registry is waited for by the command itself.
PROMOTE = f"""{FITTED}
abonement-train promote "$version" --workspace "$ABONEMENT_WORKSPACE" --by airflow
abonement-train note "$version" "Retrained by Airflow as of $ABONEMENT_AS_OF" --workspace "$ABONEMENT_WORKSPACE" --by airflow
"""

with DAG(
    dag_id="abonement_retraining",
    schedule="30 5 * * 1",
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={
        "append_env": True,
        "env": {
            "ABONEMENT_WORKSPACE": "/var/lib/abonement",
            "ABONEMENT_AS_OF": "{{ data_interval_end | ds }}",
        },
    },
) as dag:
    fit = BashOperator(task_id="fit", bash_command=FIT, retries=3, retry_delay=timedelta(minutes=10))
    evaluate = BashOperator(
        task_id="evaluate", bash_command=EVALUATE, retries=3, retry_delay=timedelta(minutes=10)
    )
    promote = BashOperator(task_id="promote", bash_command=PROMOTE, retries=0)
    fit >> evaluate >> promote
