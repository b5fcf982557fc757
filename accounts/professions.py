"""Professions that prescribe or order, by the codes that HSA gives for a legitimerad yrkesgrupp (kodverk 1.2.752.29.23.1.6)."""

from django.db import models


class Profession(models.TextChoices):
    """The codes are HSA's (healthCareProfessionalLicence), so that a login with SITHS can set them. OTHER is ours: a profession without legitimation."""

    OCCUPATIONAL_THERAPIST = "AT", "arbetsterapeut"
    AUDIOLOGIST = "AU", "audionom"
    MIDWIFE = "BM", "barnmorska"
    DIETITIAN = "DT", "dietist"
    PHYSIOTHERAPIST = "FT", "fysioterapeut"
    COUNSELLOR = "HK", "hälso- och sjukvårdskurator"
    CHIROPRACTOR = "KP", "kiropraktor"
    SPEECH_THERAPIST = "LG", "logoped"
    DOCTOR = "LK", "läkare"
    NAPRAPATH = "NA", "naprapat"
    OPTICIAN = "OP", "optiker"
    ORTHOPAEDIC_ENGINEER = "OT", "ortopedingenjör"
    PSYCHOLOGIST = "PS", "psykolog"
    NURSE = "SJ", "sjuksköterska"
    DENTIST = "TL", "tandläkare"
    OTHER = "OTHER", "annat yrke"
