"""What the console asks: each module has one part of the desk; `city` is the whole of it. The wiring answers."""
