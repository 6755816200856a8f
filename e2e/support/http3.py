"""http3.py ADDRESS PORT HOST PATH CA: one GET over QUIC; prints the status and the negotiated protocol as JSON."""

import asyncio
import json
import sys

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ProtocolNegotiated


class Client(QuicConnectionProtocol):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.http = H3Connection(self._quic)
        self.protocol = None
        self.answer = asyncio.get_running_loop().create_future()

    def quic_event_received(self, event):
        if isinstance(event, ProtocolNegotiated):
            self.protocol = event.alpn_protocol
        for said in self.http.handle_event(event):
            if isinstance(said, HeadersReceived) and not self.answer.done():
                self.answer.set_result({name.decode(): value.decode() for name, value in said.headers})

    async def get(self, authority, path):
        stream = self._quic.get_next_available_stream_id()
        request = {":method": "GET", ":scheme": "https", ":authority": authority, ":path": path}
        self.http.send_headers(stream, [(name.encode(), value.encode()) for name, value in request.items()], end_stream=True)
        self.transmit()
        return await asyncio.wait_for(self.answer, 10)


async def main(address, port, host, path, ca):
    configuration = QuicConfiguration(alpn_protocols=H3_ALPN, is_client=True, server_name=host)
    configuration.load_verify_locations(ca)
    async with connect(address, int(port), configuration=configuration, create_protocol=Client) as client:
        headers = await client.get(f"{host}:{port}", path)
        print(json.dumps({"protocol": client.protocol, "status": int(headers.pop(":status")), "headers": headers}))


asyncio.run(main(*sys.argv[1:]))
