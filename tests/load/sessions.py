"""One person's page without a browser: Streamlit's messages over its websocket, as its own page sends them."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

PATIENCE_S = 60
EVENTS = "$$STREAMLIT_INTERNAL_KEY_{id}__events"


class SessionError(RuntimeError):
    """The page did not do what a person would expect."""


@dataclass
class Answer:
    """What came back of one act: seconds until the wanted component stood and until the run ended, and its content."""

    shown_s: float
    whole_s: float
    content: str


@dataclass
class Session:
    """An open page. It keeps what a browser would: ids of components, the address, messages that are not sent twice."""

    base: str
    cookie: str = ""
    socket: ClientConnection | None = None
    components: dict[str, str] = field(default_factory=dict)
    held: dict[str, tuple[str, str]] = field(default_factory=dict)
    page: str = ""
    query: str = ""
    runs: int = 0

    async def open(self, query: str = "") -> Answer:
        """Open the page and wait until it stands."""
        self.query, self.page = query, ""
        self.components.clear()
        self.held.clear()
        await self.connect()
        return await self.run("gz_map")

    async def connect(self) -> None:
        """Connect, for the first time or again after the connection was lost; nothing is said yet."""
        headers = {"Cookie": self.cookie} if self.cookie else {}
        self.socket = await connect(
            self.base.replace("http", "ws", 1) + "/_stcore/stream",
            subprotocols=["streamlit", "PLACEHOLDER_AUTH_TOKEN"],
            additional_headers=headers,
            origin=self.base,
            max_size=None,
            open_timeout=PATIENCE_S,
            compression=None,
            proxy=None,
        )

    async def close(self) -> None:
        if self.socket is not None:
            await self.socket.close()

    async def act(self, key: str, wanted: str, go: dict) -> Answer:
        """Do what a click does.

        Parameters
        ----------
        key
            Of the component that is clicked: ``gz_map``, ``gz_frame``, ``gz_panel``.
        wanted
            Key of the component that answers.
        go
            What the component tells.
        """
        name = "event" if key == "gz_map" else "go"
        value = [{"event": name, "value": {**go, "address": {}, "seen": [112.9, 22.5, 114.1, 23.9]}}]
        state = BackMsg()
        widget = state.rerun_script.widget_states.widgets.add()
        widget.id = EVENTS.format(id=self.components[key])
        widget.json_trigger_value = json.dumps(value)
        return await self.run(wanted, state)

    async def run(self, wanted: str, message: BackMsg | None = None) -> Answer:
        """Ask for a run and take in all that comes of it."""
        message = message or BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash = self.query, self.page
        state.cached_message_hashes.extend(self.held)
        state.context_info.url = self.base
        state.context_info.locale = "zh-CN"
        start = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        return await asyncio.wait_for(self._take_in(wanted, start), PATIENCE_S)

    async def _take_in(self, wanted: str, start: float) -> Answer:
        shown, content = 0.0, ""
        while True:
            message = ForwardMsg.FromString(await self.socket.recv(decode=False))
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.runs += 1
            elif kind == "navigation":
                self.page = message.navigation.page_script_hash
            elif kind == "page_info_changed":
                self.query = message.page_info_changed.query_string
            elif kind in ("delta", "ref_hash"):
                key, text = self._note(message, kind)
                if key == wanted:
                    shown, content = time.perf_counter() - start, text
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                if not shown:
                    raise SessionError(f"the run ended and showed no {wanted}")
                return Answer(shown, time.perf_counter() - start, content)

    def _note(self, message: ForwardMsg, kind: str) -> tuple[str, str]:
        """Give the key and the content of the component that a message shows; both are empty for all else."""
        if kind == "ref_hash":
            return self.held.get(message.ref_hash, ("", ""))
        element = message.delta.new_element
        if element.WhichOneof("type") in ("alert", "exception"):
            raise SessionError(f"the page shows an error: {str(element)[:300]}")
        component = element.bidi_component
        _, _, key = component.id.partition("-gz_")
        if not key:
            return "", ""
        found = (f"gz_{key}", component.json or component.mixed.json)
        self.components[found[0]] = component.id
        if message.metadata.cacheable:
            self.held[message.hash] = found
        return found


def format_query(**values: str) -> str:
    """Write a query as the address of a page has it."""
    return urlencode(values)


FAILURES = (SessionError, WebSocketException, OSError, asyncio.TimeoutError, KeyError)
"""What counts as an error of the service."""
