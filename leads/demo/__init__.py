"""Thirty believable weeks of a school's leads, the same every time, dated back from today."""

from leads.demo.writing import seed_leads

__all__ = ["seed_leads"]
