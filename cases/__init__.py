"""What becomes of findings: alarms, ladders, cases, and the notices that tell people."""
