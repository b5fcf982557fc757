"""What a report of each kind asks for, in its own words, and what it cannot be sent without."""

from collections.abc import Mapping

from faultreports.models import AidPlan, DeliveryFault, FaultReport, Kind
from faultreports.models.reports import HARMFUL

ABOUT_AN_AID = {Kind.NEGATIVE_EVENT, Kind.NEAR_MISS, Kind.COMPLAINT, Kind.NOT_DEREGISTERED, Kind.LOST}
# The aid as it stands when it is only described.
AID = ("aid_name", "individual_number")
_HARM = (*AID, "happened_on", "place", "present", "description", "measures", "aid_plan", "wants_replacement", "is_reported_to_authority")
ASKED: Mapping[str, tuple[str, ...]] = {
    Kind.NEGATIVE_EVENT: _HARM,
    Kind.NEAR_MISS: _HARM,
    Kind.COMPLAINT: (*AID, "happened_on", "description", "aid_plan", "wants_replacement"),
    Kind.DELIVERY: ("delivery_fault", "despatch_number", "order_number", "happened_on", "description", "wants_replacement"),
    Kind.SERVICE: ("order_number", "happened_on", "place", "description", "measures"),
    Kind.NOT_DEREGISTERED: (*AID, "happened_on", "place", "order_number", "description"),
    Kind.LOST: (*AID, "place", "happened_on", "description", "measures"),
}
# What would tell where a protected person is.
NOT_OF_PROTECTED = {"place"}

_EVENT = {
    "happened_on": "När hände det?",
    "place": "Var hände det?",
    "present": "Vilka var där?",
    "description": "Vad hände?",
    "measures": "Vad gjordes genast?",
}
LABELS: Mapping[str, Mapping[str, str]] = {
    Kind.NEGATIVE_EVENT: _EVENT,
    Kind.NEAR_MISS: _EVENT | {"description": "Vad kunde ha hänt, och varför?"},
    Kind.COMPLAINT: {"happened_on": "När upptäcktes felet?", "description": "Vad är fel?"},
    Kind.DELIVERY: {"happened_on": "När upptäcktes det?", "description": "Beskriv vad som är fel"},
    Kind.SERVICE: {
        "happened_on": "När utfördes tjänsten?",
        "place": "Var utfördes den?",
        "description": "Vad var inte bra?",
        "measures": "Vad har ni gjort åt det?",
    },
    Kind.NOT_DEREGISTERED: {"happened_on": "När lämnades det tillbaka?", "place": "Var lämnades det?", "description": "Hur lämnades det, och till vem?"},
    Kind.LOST: {
        "place": "Var fanns det senast?",
        "happened_on": "Sedan när är det borta?",
        "description": "Vad har hänt?",
        "measures": "Vad har gjorts för att hitta det?",
    },
}
HINTS: Mapping[str, Mapping[str, str]] = {
    Kind.NEGATIVE_EVENT: {"present": "Roller, inte namn. Till exempel: patienten, en undersköterska, en anhörig."},
    Kind.NEAR_MISS: {"present": "Roller, inte namn. Till exempel: patienten, en undersköterska, en anhörig."},
    Kind.NOT_DEREGISTERED: {"description": "Roll, inte namn. Till exempel: chauffören, förrådet på plan 2."},
}

# What is said when something that the kind needs is missing.
_MISSING = {
    "aid_name": "Skriv vilket hjälpmedel det gäller.",
    "happened_on": "Skriv vilken dag. Om du inte vet exakt, skriv den dag som är troligast.",
    "place": "Skriv var.",
    "present": "Skriv vilka som var där, som roller. Var ingen där, skriv ”ingen”.",
    "description": "Beskriv vad som har hänt.",
    "measures": "Skriv vad som har gjorts. Har inget gjorts, skriv ”inget”.",
    "aid_plan": "Välj vad ni gör med hjälpmedlet.",
    "delivery_fault": "Välj vad som är fel.",
    "is_reported_to_authority": "Svara om händelsen är anmäld till Läkemedelsverket.",
    "wants_replacement": "Svara om ni vill ha en ersättning.",
}
NEEDED: Mapping[str, tuple[str, ...]] = {
    Kind.NEGATIVE_EVENT: tuple(name for name in _HARM if name != "individual_number"),
    Kind.NEAR_MISS: tuple(name for name in _HARM if name != "individual_number"),
    Kind.COMPLAINT: ("aid_name", "happened_on", "description", "aid_plan", "wants_replacement"),
    Kind.DELIVERY: ("delivery_fault", "happened_on", "description", "wants_replacement"),
    Kind.SERVICE: ("happened_on", "description"),
    Kind.NOT_DEREGISTERED: ("aid_name", "happened_on", "place", "description"),
    Kind.LOST: ("aid_name", "place", "happened_on", "description", "measures"),
}


def plans_for(kind: str) -> list[AidPlan]:
    """An aid that has harmed somebody is not repaired before it has been looked into."""
    return [AidPlan.KEPT, AidPlan.SENT_IN] if kind in HARMFUL else list(AidPlan)


def missing(report: FaultReport) -> list[tuple[str, str]]:
    """What the kind needs and is not filled in, as (field, Swedish text), in the order of its page."""
    found = [(name, _MISSING[name]) for name in NEEDED[Kind(report.kind)] if getattr(report, name) in (None, "") and not _is_left_out(report, name)]
    if report.kind == Kind.DELIVERY and report.delivery_fault:
        if report.delivery_fault == DeliveryFault.LATE:
            if not report.order_number:
                found.append(("order_number", "Skriv vilken beställning som är sen."))
        elif not report.despatch_number:
            found.append(("despatch_number", "Skriv följesedelns nummer. Det står på pappret som kom med varan."))
    return found


def _is_left_out(report: FaultReport, name: str) -> bool:
    return name in NOT_OF_PROTECTED and report.patient is not None and report.patient.is_protected
