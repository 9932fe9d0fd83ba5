"""What calsync says to people: every sentence of pages, mails and notices in each language, and
how times are written there. One gettext file for each language, `locale/CODE.po`; nothing else
lists the languages."""
