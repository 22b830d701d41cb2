"""The command line: ``gzmap``.

Exit codes: 0 well; 1 the data under review has errors or is not canonical; 2 a bad request or broken project; 3 an id
that names nothing. A search without result is no error.
"""

from __future__ import annotations

from gzmap.cli.accounts import ledger
from gzmap.cli.areas import area, between
from gzmap.cli.database import database
from gzmap.cli.delivery import export, export_file, serve
from gzmap.cli.edge import main
from gzmap.cli.listing import places
from gzmap.cli.overview import cite, inventory, mine, overview
from gzmap.cli.packet import packet
from gzmap.cli.publishing import publish
from gzmap.cli.questions import at, find, show
from gzmap.cli.screening import screen
from gzmap.cli.sheet import print_sheet
from gzmap.cli.upkeep import check, format_files, propose

for _command in (serve, check, format_files, propose, find, show, at, places, ledger, export, packet, export_file):
    main.add_command(_command)
for _command in (overview, inventory, mine, cite):
    main.add_command(_command)
for _command in (area, between, print_sheet, publish, screen, database):
    main.add_command(_command)

__all__ = ["main"]
