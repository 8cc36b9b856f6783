"""The roof: settings, wiring, reactions and doors."""
