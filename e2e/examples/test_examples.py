"""docs/openid-connect.md works as typed: each of its programs is a file here, and signs Alice in, refreshes and signs her out."""

import os
import pathlib
import re
import subprocess
import sys
import unittest

import requests

from browser import Browser

HERE = pathlib.Path(__file__).parent
# Where packages were installed and programs are built: a copy of this folder.
FOLDER = pathlib.Path(os.environ["E2E_EXAMPLES"])
PAGE = pathlib.Path(os.environ["E2E_REPOSITORY"]) / "docs" / "openid-connect.md"
ORIGIN = os.environ["E2E_EXAMPLES_ORIGIN"]
PORT = os.environ["E2E_EXAMPLES_PORT"]
ALICE = {"username": "alice@example.com", "password": "alice in wonderland"}

# What the page shows, by the language that its blocks are marked with.
SHOWN = {
    "js": ["javascript/sign-in.mjs"],
    "python": ["python/sign_in.py"],
    "go": ["go/main.go"],
    "java": ["java/src/main/java/SignIn.java"],
    "xml": ["java/pom.xml"],
    "rust": ["rust/src/main.rs"],
    "toml": ["rust/Cargo.toml"],
}

# What a busy machine may take for what a quick one does at once, in seconds.
PATIENCE = 60


class PageTest(unittest.TestCase):
    maxDiff = None

    def test_it_shows_the_programs_that_are_run(self):
        blocks = re.findall(r"^```(\w+)\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
        for language, files in SHOWN.items():
            shown = [block for marked, block in blocks if marked == language]
            self.assertEqual(shown, [(HERE / file).read_text() for file in files])


class ExampleTest(unittest.TestCase):
    def test_javascript(self):
        # openid-client needs WebCrypto, which Debian 12's own Node 18 does not offer yet.
        self.skip_unless("node -p 'typeof crypto' | grep -q object", "javascript", "Node 20")
        self.signs_in("javascript", ["node", "sign-in.mjs"])

    def test_python(self):
        self.signs_in("python", [sys.executable, "-B", "sign_in.py"])

    def test_go(self):
        self.build("go", ["go", "build", "-o", "sign-in", "."])
        self.signs_in("go", ["./sign-in"])

    def test_java(self):
        self.build("java", ["mvn", "-q", "-B", "compile"])
        self.signs_in("java", ["mvn", "-q", "-B", "exec:java"])

    def test_rust(self):
        self.build("rust", ["cargo", "build", "-q", "--locked"])
        self.signs_in("rust", ["target/debug/sign-in"])

    def skip_unless(self, condition, language, needed):
        if subprocess.run(["bash", "-c", condition], stdout=subprocess.DEVNULL).returncode != 0:
            self.skipTest(f"the example in {language} was NOT run: {needed} is not here")

    def build(self, language, command):
        self.skip_unless(f"command -v {command[0]}", language, command[0])
        environment = {**os.environ, "CARGO_TARGET_DIR": "target"}
        subprocess.run(command, cwd=FOLDER / language, env=environment, check=True)

    def signs_in(self, language, command):
        environment = {**os.environ, "ISSUER": ORIGIN, "PORT": PORT}
        program = subprocess.Popen(
            command, cwd=FOLDER / language, env=environment, stdout=subprocess.PIPE, text=True
        )
        self.addCleanup(program.stdout.close)
        self.addCleanup(program.wait)
        self.addCleanup(program.kill)
        browser = Browser(ORIGIN)
        back = browser.sign_in(self.told(program, "Open "), ALICE)
        self.assertTrue(back.startswith(f"http://127.0.0.1:{PORT}/callback?"), back)
        self.assertEqual(requests.get(back, timeout=PATIENCE).text, "Back to the terminal.\n")
        self.assertRegex(self.told(program, "Signed in: "), r"^alice@example\.com is \S+$")
        self.assertEqual(self.told(program, "Refreshed: "), "the new access token ends in 1800 seconds")
        end = browser.open(self.told(program, "Sign out at "))
        self.assertEqual(end.split("?")[0], f"http://127.0.0.1:{PORT}/loggedout")
        self.assertEqual(program.wait(PATIENCE), 0)
        self.assertIn('id="login-submit"', browser.open(f"{ORIGIN}/login").text, "she is signed out")

    def told(self, program, beginning):
        """The rest of the next line, which begins so. A program that says no more has ended, and a line is missing."""
        # Maven resets colours that it never set.
        line = program.stdout.readline().removeprefix("\x1b[0m")
        self.assertTrue(line.startswith(beginning), f"{line!r} instead of {beginning!r}")
        return line.removeprefix(beginning).rstrip("\n")


if __name__ == "__main__":
    unittest.main()
