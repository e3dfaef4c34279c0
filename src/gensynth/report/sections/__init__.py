"""One file per section of a report: from a run's record to text, tables and figures."""
