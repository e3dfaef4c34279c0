"""One file per figure: functions from plain records to matplotlib figures."""
