"""What an operator or a service desk asks a server: is it well, how does it do, what does it answer.

Imports `day`, `domain`, `http`, `access` and `models.ground`. Read `health`, `metrics_endpoint`, `recall_endpoints`
(products withdrawn from all offers), `grant_endpoints` (money given to a customer), `stock_endpoint` (what is left of
products`stop_endpoints` (no offers at all), `reference_page` (`/docs`).
"""
