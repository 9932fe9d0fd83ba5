"""What operators and their machines ask: probes, figures, and a page."""
