"""Labels for people who have photographs and none: pre-labels for labelling tools, and what came of them."""
