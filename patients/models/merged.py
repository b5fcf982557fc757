"""Nothing is written to a record that was merged into another (decision 0029)."""

import pgtrigger


def follows_merge() -> pgtrigger.Trigger:
    """For `Meta.triggers` of every table with a `patient`: a row written for a merged record is written for the one that the person has now.

    It waits for a merge that is under way. Append-only tables tell what was, and do without.
    """
    return pgtrigger.Trigger(
        name="follows_merge",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("patient_id"),
        declare=[("kept", "BIGINT")],
        # FOR KEY SHARE is the lock that the foreign key takes anyway; it makes a merge's row wait, and be read as it is after the merge.
        func="""
            SELECT merged_into_id INTO kept FROM patients_patient WHERE id = NEW.patient_id FOR KEY SHARE;
            NEW.patient_id := coalesce(kept, NEW.patient_id);
            RETURN NEW;
        """,
    )
