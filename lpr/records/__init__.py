"""What the pipeline writes down and reads back: parameters, metadata of models, gates."""
