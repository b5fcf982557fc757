"""The first questions, the report of each kind, the search, and what is said about a report that is sent."""

from faultreports.forms.draft import DraftForm
from faultreports.forms.guide import AboutForm, HarmForm, NamedForm, WhatForm
from faultreports.forms.search import FollowUpForm, RecallForm, SearchForm
from faultreports.forms.sent import FoundForm

__all__ = ["AboutForm", "DraftForm", "FollowUpForm", "FoundForm", "HarmForm", "NamedForm", "RecallForm", "SearchForm", "WhatForm"]
