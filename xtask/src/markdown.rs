//! The little of Markdown that the rules need: links, headings with their anchors, and table rows.

/// A link or an image in a document.
#[derive(Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it points to, as written.
    pub target: String,
    /// The line that it stands on.
    pub line: usize,
}

/// Every inline link of `text`, those in code aside.
pub fn links(text: &str) -> Vec<Link> {
    let mut found = Vec::new();
    for (line, prose) in prose(text) {
        for after in without_code(prose).split("](").skip(1) {
            let Some((inside, _)) = after.split_once(')') else { continue };
            let target = inside.split_whitespace().next().unwrap_or_default().to_owned();
            found.push(Link { target, line });
        }
    }
    found
}

/// The anchors of the headings of `text`, as code hosts derive them.
pub fn anchors(text: &str) -> Vec<String> {
    prose(text)
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(_, line)| anchor(line.trim_start_matches('#').trim()))
        .collect()
}

/// The cells of a table row; none if `line` is no row.
pub fn cells(line: &str) -> Option<Vec<&str>> {
    let inside = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inside.split('|').map(str::trim).collect())
}

fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept.chars().filter(|&c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The numbered lines outside fenced code.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        (!fenced).then_some((index + 1, line))
    })
}

fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("``")
}

#[cfg(test)]
mod tests {
    use super::{anchors, cells, links};

    #[test]
    fn links_in_code_do_not_count() {
        let text = "[a](b.md#c) and ![i](i.png \"t\") `[x](y)`\n```\n[z](z)\n```\n";
        let targets: Vec<_> = links(text).into_iter().map(|link| link.target).collect();
        assert_eq!(targets, ["b.md#c", "i.png"]);
    }

    #[test]
    fn an_anchor_is_the_heading_in_small_letters() {
        assert_eq!(anchors("## What `serve` needs, first\n"), ["what-serve-needs-first"]);
    }

    #[test]
    fn a_row_is_split_into_cells() {
        assert_eq!(cells("| a | b |  |"), Some(vec!["a", "b", ""]));
        assert_eq!(cells("no row"), None);
    }
}
