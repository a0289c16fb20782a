"""What the detector brings to the training loop: its samples, augmentation, loss and validation."""
