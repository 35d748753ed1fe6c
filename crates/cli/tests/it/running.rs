//! A server that runs beside the test.

use std::io::{self, BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::thread;

use crate::support::{Place, program, without_slowness};

/// A server; it is stopped when the test is over.
pub(crate) struct Running(Child);

impl Running {
    /// Starts it.
    pub(crate) fn start(place: &Place, arguments: &[&str]) -> Self {
        Self::start_with(place, arguments, &[])
    }

    /// Starts it with an environment.
    pub(crate) fn start_with(
        place: &Place,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let child = Command::new(program())
            .args(arguments)
            .env_clear()
            .envs(environment.iter().copied())
            .current_dir(place.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        Self(child)
    }

    /// The first line of standard output.
    pub(crate) fn first_line(&mut self) -> String {
        let mut line = String::new();
        let out = self.0.stdout.as_mut().expect("is piped");
        BufReader::new(out).read_line(&mut line).expect("reads");
        line
    }

    /// The ready line.
    pub(crate) fn ready(&mut self) -> serde_json::Value {
        let line = self.first_line();
        serde_json::from_str(&line).expect("the first line is JSON")
    }

    /// The first line of standard error that contains this.
    pub(crate) fn error_line_with(&mut self, part: &str) -> String {
        self.find_error_line(part).expect("is said")
    }

    /// Whether standard error contains this before it ends.
    pub(crate) fn says(&mut self, part: &str) -> bool {
        self.find_error_line(part).is_some()
    }

    fn find_error_line(&mut self, part: &str) -> Option<String> {
        let err = self.0.stderr.as_mut().expect("is piped");
        let mut lines = BufReader::new(err).lines();
        lines.find_map(|line| line.ok().filter(|line| line.contains(part)))
    }

    /// Reads on what is said, so that a server that says much is not held up.
    pub(crate) fn drain(&mut self) {
        let mut err = self.0.stderr.take().expect("is piped");
        thread::spawn(move || io::copy(&mut err, &mut io::sink()));
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.0.id().to_string();
        Command::new("/bin/kill").args([name, &id]).status().expect("is told");
    }

    /// Sends SIGTERM and waits for the exit code.
    pub(crate) fn end(mut self) -> Option<i32> {
        self.signal("-TERM");
        self.0.wait().expect("ends").code()
    }

    /// The same, and what was said.
    pub(crate) fn stop(mut self) -> (Option<i32>, String) {
        self.signal("-TERM");
        let status = self.0.wait().expect("ends");
        let mut err = String::new();
        self.0.stderr.take().expect("is piped").read_to_string(&mut err).expect("reads");
        (status.code(), without_slowness(&err))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
