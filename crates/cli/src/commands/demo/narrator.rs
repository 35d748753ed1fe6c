//! Who tells the story: numbered steps, what was said on the wire, and what that proves.

use std::io::{self, Write as _};
use std::time::Instant;

use url::Url;

use super::exchange::{self, Exchange, Overheard};

/// The columns of a line; longer ones are folded.
const WIDTH: usize = 108;

/// The columns before a request or reply, and before what belongs to it.
const INDENT: usize = 14;

const BOLD: &str = "1";
const DIM: &str = "2";
const GREEN: &str = "32";
const CYAN: &str = "36";

/// Tells the story on standard output.
pub(super) struct Narrator {
    /// What everybody says on the wire.
    pub(super) overheard: Overheard,
    has_color: bool,
    began: Instant,
    number: usize,
    title: String,
}

impl Narrator {
    /// A narrator who has not begun.
    pub(super) fn new(has_color: bool) -> Self {
        let began = Instant::now();
        Self { overheard: Overheard::default(), has_color, began, number: 0, title: String::new() }
    }

    /// Says where the story takes place.
    pub(super) fn opening(&self, title: &str, words: &str) -> io::Result<()> {
        print(&format!("{}\n{}\n", self.paint(BOLD, title), folded(words, 0)))
    }

    /// Begins the next step.
    pub(super) fn step(&mut self, title: &str) -> io::Result<()> {
        self.number += 1;
        title.clone_into(&mut self.title);
        print(&format!("\n{:>2}  {}\n", self.number, self.paint(BOLD, title)))
    }

    /// Says what was said since, and what it proves.
    pub(super) fn proves(&self, sentence: &str) -> io::Result<()> {
        self.tell_overheard()?;
        let sign = self.paint(GREEN, "✓");
        print(&format!("    {sign} {}\n", folded(sentence, 6)))
    }

    /// Shows an address that somebody made.
    pub(super) fn shows(&self, who: &'static str, url: &Url) -> io::Result<()> {
        let shown = exchange::address(url);
        let who = format!("{:>INDENT$}", who, INDENT = INDENT - 3);
        let place = shown.first().map_or("", String::as_str);
        print(&format!("{who} : {}\n", self.paint(CYAN, place)))?;
        print(&self.detail(shown.get(1..).unwrap_or_default()))
    }

    /// Ends the story.
    pub(super) fn closing(&self) -> io::Result<()> {
        let seconds = self.began.elapsed().as_secs_f64();
        let done = format!("All {} steps went as they should, in {seconds:.1} s.", self.number);
        let next = "Now try it yourself: `consentry dev` starts a server to click through.";
        print(&format!("\n{}\n{next}\n", self.paint(BOLD, &done)))
    }

    /// Says what was said last, and names the step that failed.
    pub(super) fn broken_off(&self) -> String {
        let _ = self.tell_overheard();
        format!("step {} failed: {}", self.number, self.title)
    }

    fn tell_overheard(&self) -> io::Result<()> {
        let exchanges = self.overheard.take();
        exchanges.iter().try_for_each(|exchange| print(&self.told(exchange)))
    }

    fn told(&self, exchange: &Exchange) -> String {
        let who = format!("{:>INDENT$}", exchange.who, INDENT = INDENT - 3);
        let request = self.paint(CYAN, &exchange.request);
        let sent = self.detail(&exchange.sent);
        let status = self.paint(CYAN, &exchange.status);
        let received = self.detail(&exchange.received);
        format!("{who} → {request}\n{sent}{:>INDENT$}{status}\n{received}", "← ")
    }

    fn detail(&self, lines: &[String]) -> String {
        let fold = |line: &String| {
            let text = self.paint(DIM, &folded(line, INDENT));
            format!("{:INDENT$}{text}\n", "")
        };
        lines.iter().map(fold).collect()
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.has_color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// The text in lines that fit, broken after spaces and commas, each after the first indented.
fn folded(text: &str, indent: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_inclusive([' ', ',']) {
        let line = lines.last_mut().expect("there is always a line");
        let length = line.chars().count() + word.trim_end().chars().count();
        if line.is_empty() || indent + length <= WIDTH {
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    let lines: Vec<_> = lines.iter().map(|line| line.trim_end()).collect();
    lines.join(&format!("\n{:indent$}", ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_words() {
        let text = format!("{} {}", "a".repeat(90), "b".repeat(20));
        assert_eq!(folded(&text, 4), format!("{}\n    {}", "a".repeat(90), "b".repeat(20)));
        assert_eq!(folded("short, text", 4), "short, text");
        let json = format!("{{\"a\":\"{}\",\"b\":\"{}\"}}", "a".repeat(60), "b".repeat(60));
        assert_eq!(folded(&json, 0).lines().count(), 2);
    }

    #[test]
    fn color_is_only_used_where_it_is_wanted() {
        assert_eq!(Narrator::new(false).paint(BOLD, "x"), "x");
        assert_eq!(Narrator::new(true).paint(BOLD, "x"), "\u{1b}[1mx\u{1b}[0m");
    }
}
