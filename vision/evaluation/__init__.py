"""How well a model sees: its boxes, and the verdicts that follow from them, against pictures that people labelled."""
