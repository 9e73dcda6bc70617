"""From labelled allegations to a registered, measured and gated model."""
