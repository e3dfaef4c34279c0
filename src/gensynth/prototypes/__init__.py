"""Networks that generation starts from: functions that return graphs."""
