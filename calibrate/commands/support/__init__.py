"""What several commands of `calibrate` share: options, outputs, progress, steps."""
