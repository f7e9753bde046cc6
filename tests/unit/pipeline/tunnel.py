"""A real HTTP proxy on loopback that opens tunnels (CONNECT) and remembers what it was asked for."""

import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Tunnel:
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

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.place = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def pump(here, there):
    """Carry bytes one way until there are no more."""
    with contextlib.suppress(OSError):
        while part := here.recv(65_536):
            there.sendall(part)
        there.shutdown(socket.SHUT_WR)
