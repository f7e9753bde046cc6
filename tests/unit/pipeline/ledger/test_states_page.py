"""The picture and the table of the states in docs/ledger.md are those that the program runs on.

B2S_WRITE_DOCS=1 writes them anew.
"""

import os
import re
from pathlib import Path

from pipeline.ledger.states import START, TRANSITIONS

PAGE = Path(__file__).parents[4] / "docs" / "ledger.md"
BETWEEN = re.compile(r"(<!-- states: [^\n]*-->\n).*?(<!-- end of states -->)", re.DOTALL)


def drawn():
    ways = [(before, after, why) for before, afters in TRANSITIONS.items() for after, why in afters.items()]
    picture = "\n".join(f"    {before} --> {after}" for before, after, _ in ways)
    rows = "\n".join(f"| {before} | {after} | {why} |" for before, after, why in ways)
    return f"""
```mermaid
stateDiagram-v2
    [*] --> {START}
{picture}
```

| from | to | because |
|---|---|---|
{rows}

"""


def test_the_page_shows_the_transitions_that_the_program_knows():
    text = PAGE.read_text("utf-8")
    wanted = BETWEEN.sub(lambda found: f"{found[1]}{drawn()}{found[2]}", text)
    if os.environ.get("B2S_WRITE_DOCS"):
        PAGE.write_text(wanted, "utf-8")
    assert wanted == PAGE.read_text("utf-8")
    assert drawn() in wanted
