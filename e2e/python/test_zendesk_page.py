"""docs/zendesk.md works as typed: its commands and programs, from top to bottom, print what it says they print."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "zendesk.md"
SHOWN_ORIGIN = "http://127.0.0.1:8080"

# How a block in each language is run. Node finds its packages from the folder where the program is.
LANGUAGES = {
    "sh": ("sh", ["bash", "-eu"], None),
    "js": ("mjs", ["node"], os.environ["E2E_NODE_FOLDER"]),
    "python": ("py", [sys.executable, "-B"], None),
}


class ZendeskPageTest(unittest.TestCase):
    maxDiff = None

    def test_it_works_as_typed(self):
        blocks = re.findall(r"^```(\w+)\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
        languages = [language for language, _ in blocks]
        self.assertEqual(languages, ["sh", "js", "text", "python", "text"])
        printed = None
        for language, block in blocks:
            if language == "text":
                self.assertEqual(printed, block)
            else:
                printed = self.type(language, block.replace(SHOWN_ORIGIN, os.environ["E2E_DOCUMENTED_ORIGIN"]))

    def type(self, language, program):
        ending, command, folder = LANGUAGES[language]
        with tempfile.NamedTemporaryFile("w", suffix=f".{ending}", dir=folder) as file:
            file.write(program.replace("curl -s", "curl -sS --fail"))
            file.flush()
            done = subprocess.run([*command, file.name], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, f"{program}\n{done.stderr}")
        return done.stdout
