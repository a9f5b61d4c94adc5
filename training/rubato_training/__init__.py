"""Trains Performance RNNs for Rubato: MIDI files to events, events to weights, weights to a model folder."""
