"""Somebody's browser: it knows cookies, redirects and forms, and nothing else."""

import re

import requests

# More pages than a sign-in has.
PAGES = 6


class Browser:
    def __init__(self, *origins, verify=True):
        """A browser that follows redirects to these origins; any other address is where it ends."""
        self._origins = tuple(f"{origin}/" for origin in origins)
        self._session = requests.Session()
        # No authority or proxy of the environment.
        self._session.trust_env = False
        self._session.verify = verify
        self.visited = []

    def open(self, url):
        return self._follow(self.get(url))

    def get(self, url):
        """What is answered, redirects included."""
        self.visited.append(url)
        return self._session.get(url, allow_redirects=False, timeout=30)

    def submit(self, page, button, **filled):
        """Sends off the form that has the button, and goes where that leads: a page, or an address elsewhere."""
        forms = re.findall(r"<form.*?</form>", page.text, re.DOTALL)
        form = next(form for form in forms if f'id="{button}"' in form)
        hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
        action = re.search(r'action="([^"]*)"', form)[1].replace("&amp;", "&").replace("&#38;", "&")
        url = requests.compat.urljoin(page.url, action)
        headers = {"Origin": "/".join(page.url.split("/")[:3])}
        sent = self._session.post(url, {**dict(hidden), **filled}, headers=headers, allow_redirects=False, timeout=30)
        return self._follow(sent)

    def sign_in(self, url, person):
        """Opens an address, signs in and allows what is asked for, as far as that is asked; where that leads."""
        page = self.open(url)
        for _ in range(PAGES):
            if isinstance(page, str):
                return page
            if 'id="login-submit"' in page.text:
                page = self.submit(page, "login-submit", **person)
            elif 'id="consent-approve"' in page.text:
                page = self.submit(page, "consent-approve", decision="allow")
            else:
                return page
        raise AssertionError(f"the sign-in has no end: {page.text}")

    def _follow(self, reply):
        while "Location" in reply.headers:
            url = requests.compat.urljoin(reply.url, reply.headers["Location"])
            if not url.startswith(self._origins):
                return url
            reply = self.get(url)
        assert reply.ok, f"{reply.status_code} {reply.url}\n{reply.text}"
        return reply
