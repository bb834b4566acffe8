"""What a till sends of a basket with offered items."""

from typing import Any


def a_basket(customer_id: str, offers: list[dict[str, Any]]) -> dict[str, Any]:
    """One unit of each offer's item at its price."""
    return {
        "customer_id": customer_id,
        "till_id": "7",
        "lines": [
            {
                "line_id": str(number),
                "product_id": offer["item"]["id"],
                "quantity_milli": 1000,
                "unit": offer["item"].get("unit", "piece"),
                "shelf_price_minor": offer["price_minor"],
                "promo_discount_minor": 0,
            }
            for number, offer in enumerate(offers)
        ],
    }
