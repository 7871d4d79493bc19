"""How fast the product is, beside floors measured in the same run. Above all layers: nothing imports it."""
