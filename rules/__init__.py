"""From observations to findings, in event time. Pure: no I/O, no clock, no threads."""
