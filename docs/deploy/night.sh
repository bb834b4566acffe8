#!/bin/sh
# One night: load what the shop delivered, then run. Called by cron, systemd and Airflow alike.
# Exit codes are those of the commands: 0 published, 3 refused by the guard (a person must look; the former offers
# stay), 75 another command holds the workspace (try again later), 69 the store does not answer, 73 disk full.
set -eu
: "${ABONEMENT_WORKSPACE:=/var/lib/abonement}"
: "${ABONEMENT_DELIVERY:=/var/lib/abonement/incoming}"
: "${ABONEMENT_METRICS:=/var/lib/prometheus/node-exporter/abonement.prom}"
: "${ABONEMENT_NIGHT:=$(date +%Y-%m-%d)}"
workspace=$ABONEMENT_WORKSPACE delivery=$ABONEMENT_DELIVERY metrics=$ABONEMENT_METRICS night=$ABONEMENT_NIGHT

abonement load --data "$delivery" --workspace "$workspace" --wait 600
exec abonement nightly --workspace "$workspace" --as-of "$night" --programme "$workspace/programme.toml" \
    --wait 600 --log-json --report --metrics-file "$metrics"
