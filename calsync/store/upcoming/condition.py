"""Which deliveries were not asked about their start yet: the condition of an index."""

# Wanted, released, and its start is not one about which the Upcoming Session mail was decided.
UNASKED = (
    "want = 'present' AND covered_by IS NULL AND batch IS NULL AND parked IS NULL "
    "AND (upcoming_start IS NULL OR upcoming_start <> starts_at)"
)
