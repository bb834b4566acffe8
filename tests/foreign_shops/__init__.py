"""Shops of other people's shape, from their files to what came of four nights, without a hand.

`public_shops` fetches what anybody can have; `wholesaler_shape` and `grocer_shape` generate what is described and cannot be
fetched, and say so; `four_nights` takes a shop through the product's own commands.
"""
