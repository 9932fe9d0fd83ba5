"""How fast calsync is on this machine: `make bench` writes docs/performance.md.

The page is made of sections (`tests.bench.section.Section`), which `sections.SECTIONS` lists in its
order. A new one is a module of its own here and one line there:

    def measure(bench: Bench) -> None:
        for run in range(1, bench.rounds + 1):
            bench.say(f"imports, run {run} of {bench.rounds}")
            bench.figures.add("import cpu", ...)

    def write(figures: Figures) -> list[str]:
        return ["Sessions of a file.", "", *table("", "CPU ms"),
                f"| first import | {figures['import cpu'].text(2)} |"]

    SECTION = Section(
        name="imports", title="First import", measure=measure, write=write,
        aims=(Aim("first import of 100,000 sessions: below 1 ms CPU each",
                  lambda figures: figures["import cpu"].median, limit=1.0, shown="{:.2f} ms",
                  missed="Why, and what would be tried next."),),
    )

- `measure` adds figures to `bench.figures`, a value for each round; it has a folder and a sandbox
  of its own. Names of figures are unique over all sections. `bench.of(500)` is 500, and a few with
  `--small`.
- `write` returns the lines below the heading, and takes the figures of all sections, so that it may
  compare with another's. `Aim.measured` does so too: its row is "not measured" while a figure is
  missing, and its `missed` is printed only when the demand is missed.
- `asked=True`: it takes long, and is measured only when it is named (`--with NAME`, `--only NAME`).
- What a section found is kept in docs/performance.json. `make bench ARGS="--only imports"` renews
  one and leaves the others, each with the commit and the date it was measured at; `--only` without
  a name measures nothing and writes the page anew. `--small` tries it, with a page and data in a
  new folder.
"""
