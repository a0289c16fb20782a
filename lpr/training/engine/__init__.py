"""The training loop and its parts: device, batches, schedule, averaged weights, checkpoints, logging."""
