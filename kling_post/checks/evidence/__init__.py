"""What several checks read from the series: cuts, pace, periods, stretches, places."""
