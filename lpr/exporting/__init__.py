"""From the trainings' checkpoints to a bundle that can be deployed: .pt, .onnx, provenance, model card."""
