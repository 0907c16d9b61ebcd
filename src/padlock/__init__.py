"""Padlock: take secure connections apart."""
