"""Abonement in Airflow: one night a day; a refusal of the guard alerts at once, a busy workspace is tried again.

The schedule's logical end is the night: a run for the data interval of 4 December makes the offers of 5 December.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.exceptions import AirflowFailException
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

GUARD_REFUSED = 3
TRY_AGAIN = (69, 75)


class NightOperator(BashOperator):
    """BashOperator that retries only what time can mend."""

    def execute(self, context: Any) -> Any:
        """Run the night; a refusal or a bad input fails without retries and so alerts at once."""
        try:
            return super().execute(context)
        except Exception as error:
            code = _code_in(str(error))
            if code in TRY_AGAIN:
                raise
            reason = "the guard refused the night" if code == GUARD_REFUSED else f"exit code {code}"
            raise AirflowFailException(f"{reason}; customers keep the offers they have: {error}") from error


def _code_in(message: str) -> int | None:
    """BashOperator puts the exit code last but for a full stop, as in "a non-zero exit code 3."."""
    word = message.rstrip(".").rpartition(" ")[2]
    return int(word) if word.isdigit() else None


with DAG(
    dag_id="abonement_night",
    schedule="15 3 * * *",
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 6, "retry_delay": timedelta(minutes=10)},
) as dag:
    NightOperator(
        task_id="night",
        bash_command="/opt/abonement/night.sh ",
        env={"ABONEMENT_NIGHT": "{{ data_interval_end | ds }}"},
        append_env=True,
    )
