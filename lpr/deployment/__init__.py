"""From published models to what is deployed: where they come from, and the bundle of a release."""
