"""A real HTTP proxy on loopback that opens tunnels (CONNECT) and remembers what it was asked for."""

import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler

from pipeline_stands import OnLoopback


class Tunnel(OnLoopback):
    """Lets through whoever bears the right Proxy-Authorization, if one is wanted; answers `status` to all if told."""

    def __init__(self, authorization=None, status=None):
        self.asked = []
        tunnel = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_CONNECT(self):
                tunnel.asked.append(self.path)
                if status or (authorization and self.headers.get("Proxy-Authorization") != authorization):
                    self.send_error(status or 407)
                    return
                host, _, port = self.path.rpartition(":")
                with socket.create_connection((host, int(port)), timeout=10) as there:
                    self.send_response(200, "Connection established")
                    self.end_headers()
                    back = threading.Thread(target=pump, args=(there, self.connection), daemon=True)
                    back.start()
                    pump(self.connection, there)
                    back.join(10)
                self.close_connection = True

            def log_message(self, *_arguments):
                pass

        super().__init__(Handler)


def pump(here, there):
    """Carry bytes one way until there are no more."""
    with contextlib.suppress(OSError):
        while part := here.recv(65_536):
            there.sendall(part)
        there.shutdown(socket.SHUT_WR)
