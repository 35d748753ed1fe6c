//! What the rules ask of one Rust source: its functions, string literals and test code. Reads tokens, so it also sees
//! inside macros; knows nothing of types.

use std::str::FromStr;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// One Rust source and what was found in it.
#[derive(Debug)]
pub struct RustSource {
    /// Where it is, from the root of the repository.
    pub path: String,
    /// Its lines, without line ends.
    pub lines: Vec<String>,
    /// Its functions that have a body, in order.
    pub functions: Vec<Function>,
    /// Its string literals outside documentation, in order.
    pub literals: Vec<StringLiteral>,
    /// Its attributes, documentation aside, in order.
    pub attributes: Vec<Attribute>,
    /// What is wrong with it, if it is no Rust at all.
    pub unreadable: Option<String>,
    test_ranges: Vec<(usize, usize)>,
}

/// A function with a body.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of the first comment or attribute that belongs to it.
    pub first_line: usize,
    /// The line of the word `fn`.
    pub line: usize,
    /// The line of its closing brace.
    pub last_line: usize,
    /// The number of lines between its braces.
    pub body_lines: usize,
}

/// A string literal.
#[derive(Debug)]
pub struct StringLiteral {
    /// What it says, with the usual escapes resolved.
    pub value: String,
    /// The line that it begins on.
    pub line: usize,
}

/// An attribute: what stands between `#[` and `]`.
#[derive(Debug)]
pub struct Attribute {
    /// What it says, without spaces.
    pub text: String,
    /// The line that it stands on.
    pub line: usize,
}

impl RustSource {
    /// Reads the source at `path`, which says `text`.
    pub fn read(path: &str, text: &str) -> Self {
        let mut source = Self {
            path: path.to_owned(),
            lines: text.lines().map(str::to_owned).collect(),
            functions: Vec::new(),
            literals: Vec::new(),
            attributes: Vec::new(),
            unreadable: None,
            test_ranges: Vec::new(),
        };
        match TokenStream::from_str(text) {
            Ok(tokens) => source.walk(tokens),
            Err(error) => source.unreadable = Some(error.to_string()),
        }
        source
    }

    /// Whether the whole file is test code.
    pub fn is_test_file(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }

    /// Whether `line` is test code.
    pub fn is_test(&self, line: usize) -> bool {
        self.is_test_file()
            || self.test_ranges.iter().any(|&(first, last)| (first..=last).contains(&line))
    }

    /// The outermost function that `line` belongs to, its comments and attributes included.
    pub fn function_at(&self, line: usize) -> Option<&Function> {
        let around =
            |function: &&Function| (function.first_line..=function.last_line).contains(&line);
        self.functions.iter().filter(around).min_by_key(|function| function.first_line)
    }

    fn walk(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut item = Item::default();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            if let Some(attribute) = attribute(&tokens[at..]) {
                let outer = matches!(&tokens[at + 1], TokenTree::Group(_));
                self.attribute(attribute, outer.then_some(&mut item));
                at += if outer { 2 } else { 3 };
                continue;
            }
            match token {
                TokenTree::Group(group) => {
                    self.enter(group, &item);
                    if group.delimiter() == Delimiter::Brace {
                        item = Item::default();
                    }
                }
                TokenTree::Punct(mark) if matches!(mark.as_char(), ';' | ',') => {
                    item = Item::default();
                }
                TokenTree::Ident(word) if word == "fn" => self.function(&tokens[at..], &item),
                TokenTree::Literal(literal) => self.literal(literal),
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
            at += 1;
        }
    }

    fn attribute(&mut self, attribute: &Group, item: Option<&mut Item>) {
        let line = attribute.span().start().line;
        let text: String = attribute.stream().to_string().split_whitespace().collect();
        if let Some(item) = item {
            item.first_line.get_or_insert(line);
            item.is_test |= text.starts_with("cfg(test)") || text.starts_with("cfg(all(test,");
        }
        if !text.starts_with("doc=") {
            self.attributes.push(Attribute { text, line });
        }
    }

    fn enter(&mut self, group: &Group, item: &Item) {
        if item.is_test && group.delimiter() == Delimiter::Brace {
            let first = item.first_line.unwrap_or_else(|| group.span_open().start().line);
            self.test_ranges.push((first, group.span_close().end().line));
        }
        self.walk(group.stream());
    }

    fn function(&mut self, tokens: &[TokenTree], item: &Item) {
        let Some(TokenTree::Ident(name)) = tokens.get(1) else { return };
        let Some(body) = body(tokens) else { return };
        let line = line_of(&tokens[0]);
        let open = body.span_open().start().line;
        let close = body.span_close().end().line;
        self.functions.push(Function {
            name: name.to_string(),
            first_line: self.with_comments_above(item.first_line.unwrap_or(line)),
            line,
            last_line: close,
            body_lines: (close - open).saturating_sub(1),
        });
    }

    fn with_comments_above(&self, mut line: usize) -> usize {
        while line >= 2 {
            let above = self.lines[line - 2].trim_start();
            if !above.starts_with("//") || above.starts_with("//!") {
                break;
            }
            line -= 1;
        }
        line
    }

    fn literal(&mut self, literal: &proc_macro2::Literal) {
        if let Some(value) = string_value(&literal.to_string()) {
            self.literals.push(StringLiteral { value, line: literal.span().start().line });
        }
    }
}

/// What has been seen of the item that is being read.
#[derive(Default)]
struct Item {
    first_line: Option<usize>,
    is_test: bool,
}

/// The inside of the attribute that `tokens` begin with: `#[…]` or `#![…]`.
fn attribute(tokens: &[TokenTree]) -> Option<&Group> {
    let (TokenTree::Punct(hash), rest) = tokens.split_first()? else { return None };
    let rest = match rest.first()? {
        TokenTree::Punct(mark) if mark.as_char() == '!' => &rest[1..],
        _ => rest,
    };
    match rest.first()? {
        TokenTree::Group(group)
            if hash.as_char() == '#' && group.delimiter() == Delimiter::Bracket =>
        {
            Some(group)
        }
        _ => None,
    }
}

/// The braces of the function whose tokens begin with `fn`; none if it is only declared.
fn body(tokens: &[TokenTree]) -> Option<&Group> {
    tokens.iter().find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(Some(group)),
        TokenTree::Punct(mark) if mark.as_char() == ';' => Some(None),
        _ => None,
    })?
}

fn line_of(token: &TokenTree) -> usize {
    token.span().start().line
}

/// The text of a string literal as it is written in the source; none for numbers and characters.
fn string_value(written: &str) -> Option<String> {
    let quoted = written.trim_start_matches(['b', 'c']);
    if let Some(raw) = quoted.strip_prefix('r') {
        let inside = raw.trim_matches('#').strip_prefix('"')?.strip_suffix('"')?;
        return Some(inside.to_owned());
    }
    let inside = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let mut value = String::new();
    let mut letters = inside.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, letters.peek()) {
            ('\\', Some('\n')) => while letters.next_if(|next| next.is_whitespace()).is_some() {},
            ('\\', Some(&escaped)) => {
                letters.next();
                value.push(if escaped == 'n' { '\n' } else { escaped });
            }
            _ => value.push(letter),
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::{RustSource, string_value};

    const SAMPLE: &str = r#"//! A sample.

// B-10: said above.
#[test]
fn first() {
    let text = "one \
        line";
}

#[cfg(test)]
mod tests {
    macro_rules! each { ($($t:tt)*) => { $($t)* } }
    each! {
        fn second() { let raw = r"raw text"; }
    }
}
"#;

    #[test]
    fn functions_know_their_comments_and_length() {
        let source = RustSource::read("crates/a/src/a.rs", SAMPLE);
        let names: Vec<_> = source.functions.iter().map(|function| &function.name).collect();
        assert_eq!(names, ["first", "second"]);
        assert_eq!(source.functions[0].first_line, 3);
        assert_eq!(source.functions[0].body_lines, 2);
        assert_eq!(source.function_at(3).expect("the comment belongs to it").name, "first");
    }

    #[test]
    fn only_strings_have_a_string_value() {
        for (written, value) in [(r#""a\"b""#, "a\"b"), ("r#\"a\"#", "a"), (r#"b"a""#, "a")] {
            assert_eq!(string_value(written).as_deref(), Some(value));
        }
        assert_eq!(string_value("42"), None);
        assert_eq!(string_value("'a'"), None);
    }

    #[test]
    fn literals_are_read_and_test_code_is_known() {
        let source = RustSource::read("crates/a/src/a.rs", SAMPLE);
        let values: Vec<_> = source.literals.iter().map(|literal| &literal.value).collect();
        assert_eq!(values, ["one line", "raw text"]);
        assert!(!source.is_test(5));
        assert!(source.is_test(14));
        assert!(RustSource::read("crates/a/tests/it/a.rs", SAMPLE).is_test(5));
    }
}
