"""Training: one loop (`engine`) and what each of the two models brings to it (`detection`, `reading`)."""
