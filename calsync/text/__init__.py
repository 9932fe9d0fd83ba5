"""Text from the platform made fit to show: cleaned, sanitised, shortened. Pure."""

from calsync.text.agenda import agenda_html, former_agenda_html
from calsync.text.lines import clean, clean_lines
from calsync.text.shorten import snippet
from calsync.text.urls import safe_url

__all__ = ["agenda_html", "clean", "clean_lines", "former_agenda_html", "safe_url", "snippet"]
