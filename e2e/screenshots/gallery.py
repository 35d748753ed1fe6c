"""Serves the sample pages that the gallery test rendered, as the server would: same names, same policy."""

import functools
import http.server
import pathlib
import re
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
ASSETS = ROOT / "crates/web/assets"
RENDERED = ROOT / "target/tmp/gallery"
LOGO = pathlib.Path(__file__).with_name("logo.png")
SCHEMES = ("light", "dark")


class Gallery(http.server.SimpleHTTPRequestHandler):
    """Serves the rendered pages (in a colour scheme) and the assets under their hashed names."""

    def do_GET(self):
        asset = re.fullmatch(r"/assets/(\w+)\.[0-9a-f]{16}\.(\w+)", self.path)
        logo = re.fullmatch(r"/logos/\d+-[0-9a-f]{16}\.png", self.path)
        page = re.fullmatch(r"/(light|dark)/(\w+)", self.path)
        if asset:
            self.reply((ASSETS / f"{asset[1]}.{asset[2]}").read_bytes(), asset[2])
        elif logo:
            self.reply(LOGO.read_bytes(), "png")
        elif page:
            html = (pathlib.Path(self.directory) / f"{page[2]}.html").read_text()
            self.reply(html.replace('data-theme="device"', f'data-theme="{page[1]}"').encode(), "html")
        else:
            self.send_error(404)

    def do_POST(self):
        """An app that is sent an answer; the browser stays on the page, so that it can be looked at."""
        self.send_response(204)
        self.end_headers()

    def reply(self, body, extension):
        kinds = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "png": "image/png",
                 "html": "text/html"}
        self.send_response(200)
        self.send_header("Content-Type", kinds[extension])
        self.send_header("Content-Security-Policy", "default-src 'none'; script-src 'self'; "
                         "style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def serve(rendered):
    """Starts the server on a free port; answers its origin."""
    handler = functools.partial(Gallery, directory=str(rendered))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def names(rendered, only):
    """The names of the sample pages."""
    found = only or sorted(path.stem for path in rendered.glob("*.html"))
    if not found:
        sys.exit("no pages: run cargo test -p consentry-web gallery first")
    return found
