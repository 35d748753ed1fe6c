//! The files of the repository, as text: what git would keep, without what builds and runs leave behind.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use crate::rust_source::RustSource;

/// What holds no source: folders, and the file that stands for `.git` in a linked work tree.
const SKIPPED: &[&str] = &[".git", "target", "data", "node_modules"];

/// Endings of files that hold no text.
const BINARY_ENDINGS: &[&str] =
    &["png", "jpg", "ico", "webp", "woff2", "der", "db", "profraw", "new", "rej"];

/// One text file of the repository.
#[derive(Debug)]
pub struct TextFile {
    /// Where it is, from the root of the repository, with `/` between folders.
    pub path: String,
    /// What it says.
    pub text: String,
}

impl TextFile {
    /// The part of the path after the last `/`.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The part of the path before the last `/`; empty at the root.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Whether the name ends in a dot and one of `endings`.
    pub fn ends_in(&self, endings: &[&str]) -> bool {
        self.name().rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
    }
}

/// The whole repository, or a sample of one.
#[derive(Debug)]
pub struct Tree {
    root: PathBuf,
    files: Vec<TextFile>,
    rust: OnceLock<Vec<RustSource>>,
}

impl Tree {
    /// Reads the repository that this crate was built in.
    pub fn of_repository() -> anyhow::Result<Self> {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).canonicalize()?;
        let mut files = Vec::new();
        collect(&root, &root, &mut files)?;
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(Self { root, files, rust: OnceLock::new() })
    }

    /// Makes a small repository of `(path, text)` pairs, for the tests of the rules.
    pub fn of_samples(samples: &[(&str, &str)]) -> Self {
        let files = samples
            .iter()
            .map(|&(path, text)| TextFile { path: path.to_owned(), text: text.to_owned() })
            .collect();
        Self { root: PathBuf::new(), files, rust: OnceLock::new() }
    }

    /// The folder that holds everything.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Every text file, in the order of its path.
    pub fn files(&self) -> &[TextFile] {
        &self.files
    }

    /// The file at `path`, if there is one.
    pub fn file(&self, path: &str) -> Option<&TextFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The files below `folder` (which ends in `/`) with one of the endings.
    pub fn below<'a>(
        &'a self,
        folder: &'a str,
        endings: &'a [&'a str],
    ) -> impl Iterator<Item = &'a TextFile> {
        self.files.iter().filter(move |file| file.path.starts_with(folder) && file.ends_in(endings))
    }

    /// Whether a file or a folder is at `path`.
    pub fn contains(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        self.files.iter().any(|file| file.path == path || file.path.starts_with(&folder))
            || (!self.root.as_os_str().is_empty() && self.root.join(path).exists())
    }

    /// Every Rust source with what was found in it, read once.
    pub fn rust(&self) -> &[RustSource] {
        self.rust.get_or_init(|| {
            let sources = self.files.iter().filter(|file| file.ends_in(&["rs"]));
            sources.map(|file| RustSource::read(&file.path, &file.text)).collect()
        })
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<TextFile>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if SKIPPED.contains(&name) {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files)?;
            continue;
        }
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if BINARY_ENDINGS.contains(&ending) {
            continue;
        }
        if let Ok(text) = fs::read_to_string(&path) {
            files.push(TextFile { path: relative(path.strip_prefix(root)?), text });
        }
    }
    Ok(())
}

fn relative(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
