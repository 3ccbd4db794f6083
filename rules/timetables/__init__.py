"""Tests of rules, written as timetables: what is received when, and which alarms then stand."""
