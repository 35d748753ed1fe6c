//! What commands print: data on standard output in the format asked for, talk on standard error.

use std::io::{self, Write};

use clap::ValueEnum;
use domain::Secret;
use serde_json::Value;

/// How data is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Columns for people.
    #[default]
    Table,
    /// One JSON array, or one object for a single thing.
    Json,
    /// One JSON object per line.
    Jsonl,
    /// Comma-separated values with a header (RFC 4180).
    Csv,
    /// The id alone, one per line.
    Id,
}

/// Things with the same columns; the first column is the id.
pub(crate) struct Rows {
    columns: &'static [&'static str],
    lines: Vec<Vec<Value>>,
    is_single: bool,
}

impl Rows {
    /// A list of things.
    pub(crate) fn list(columns: &'static [&'static str], rows: Vec<Vec<Value>>) -> Self {
        Self { columns, lines: rows, is_single: false }
    }

    /// One thing.
    pub(crate) fn single(columns: &'static [&'static str], row: Vec<Value>) -> Self {
        Self { columns, lines: vec![row], is_single: true }
    }

    /// Prints them on standard output.
    pub(crate) fn print(&self, format: Format) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(self.render(format).as_bytes())?;
        out.flush()
    }

    fn render(&self, format: Format) -> String {
        match format {
            Format::Table if self.is_single => self.card(),
            Format::Table => self.table(),
            Format::Json if self.is_single => self.each(|row| self.object(row)),
            Format::Json => self.array(),
            Format::Jsonl => self.each(|row| self.object(row)),
            Format::Csv => self.csv(),
            Format::Id => self.each(|row| row.first().map_or_else(String::new, cell)),
        }
    }

    fn each(&self, line: impl Fn(&[Value]) -> String) -> String {
        self.lines.iter().map(|row| line(row) + "\n").collect()
    }

    fn array(&self) -> String {
        let objects: Vec<String> =
            self.lines.iter().map(|row| format!("  {}", self.object(row))).collect();
        if objects.is_empty() {
            return "[]\n".to_owned();
        }
        format!("[\n{}\n]\n", objects.join(",\n"))
    }

    /// The members keep the order of the columns.
    fn object(&self, row: &[Value]) -> String {
        let members: Vec<String> = self
            .columns
            .iter()
            .zip(row)
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        format!("{{{}}}", members.join(","))
    }

    fn csv(&self) -> String {
        let header = self.columns.join(",") + "\r\n";
        let lines = self.lines.iter().map(|row| {
            let cells: Vec<String> = row.iter().map(|value| quoted(&cell(value))).collect();
            cells.join(",") + "\r\n"
        });
        std::iter::once(header).chain(lines).collect()
    }

    fn table(&self) -> String {
        let header = self.columns.iter().map(|name| name.replace('_', " ").to_uppercase());
        let mut lines: Vec<Vec<String>> = vec![header.collect()];
        lines.extend(self.lines.iter().map(|row| row.iter().map(cell).collect()));
        aligned(&lines)
    }

    fn card(&self) -> String {
        let lines: Vec<Vec<String>> = self
            .columns
            .iter()
            .zip(self.lines.iter().flatten())
            .map(|(name, value)| vec![name.replace('_', " "), cell(value)])
            .collect();
        aligned(&lines)
    }
}

/// Columns as wide as their widest cell, two spaces apart.
pub(crate) fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max()
        })
        .map(Option::unwrap_or_default)
        .collect();
    let mut text = String::new();
    for line in lines {
        let padded = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(padded.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// A value as people read it. Control characters would let stored text steer the terminal.
fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    };
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// Says that a secret is shown once; where the format leaves it out, here.
pub(crate) fn say_once(noun: &str, secret: &Secret, format: Format) {
    say(&format!("the {noun} is shown this once"));
    if format == Format::Id {
        say(secret.expose());
    }
}

/// Says something to people, on standard error; nobody listening is no failure.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rows() -> Rows {
        Rows::list(
            &["id", "name", "scopes"],
            vec![
                vec![json!(7), json!("a \"b\", c"), json!(["read", "write"])],
                vec![json!(12), json!("d\u{1b}[31m"), Value::Null],
            ],
        )
    }

    #[test]
    fn every_format_says_the_same() {
        for (format, text) in [
            (
                Format::Table,
                "ID  NAME      SCOPES\n7   a \"b\", c  read write\n12  d\u{fffd}[31m\n",
            ),
            (
                Format::Json,
                "[\n  {\"id\":7,\"name\":\"a \\\"b\\\", c\",\"scopes\":[\"read\",\"write\"]},\n  \
                 {\"id\":12,\"name\":\"d\\u001b[31m\",\"scopes\":null}\n]\n",
            ),
            (
                Format::Jsonl,
                "{\"id\":7,\"name\":\"a \\\"b\\\", c\",\"scopes\":[\"read\",\"write\"]}\n\
                 {\"id\":12,\"name\":\"d\\u001b[31m\",\"scopes\":null}\n",
            ),
            (
                Format::Csv,
                "id,name,scopes\r\n7,\"a \"\"b\"\", c\",read write\r\n12,d\u{fffd}[31m,\r\n",
            ),
            (Format::Id, "7\n12\n"),
        ] {
            assert_eq!(rows().render(format), text, "{format:?}");
        }
    }

    #[test]
    fn one_thing_is_a_card_or_an_object() {
        let one = Rows::single(&["id", "is_new"], vec![json!(7), json!("yes")]);
        assert_eq!(one.render(Format::Table), "id      7\nis new  yes\n");
        assert_eq!(one.render(Format::Json), "{\"id\":7,\"is_new\":\"yes\"}\n");
    }
}
