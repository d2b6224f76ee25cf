"""Commands that add a part to a bundle that is there; all else in it stays as it is."""
