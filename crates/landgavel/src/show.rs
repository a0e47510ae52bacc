//! How far long work has come, on standard error and only where somebody watches a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar that goes when it is dropped.
pub struct Bar(ProgressBar);

impl Bar {
    fn new(template: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        // A template that cannot be read leaves the plain bar.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("█▌ "));
        }
        Self(bar)
    }

    /// Counts bytes that are fetched.
    pub fn bytes() -> Self {
        Self::new("下载 fetching │{bar:30}│ {bytes} / {total_bytes}  {bytes_per_sec}  {elapsed}")
    }

    /// Counts entries that are judged.
    pub fn entries() -> Self {
        Self::new("验证 verifying │{bar:30}│ {human_pos} / {human_len} 条 entries  {elapsed}  {msg}")
    }

    /// Counts commands that are entered; nobody knows how many there will be.
    pub fn commands() -> Self {
        Self::new("运行 running  {human_pos} 条 commands  {elapsed}")
    }

    /// So much is done, of so much if that is known.
    pub fn at(&self, done: u64, of: Option<u64>) {
        if let Some(of) = of {
            self.0.set_length(of);
        }
        self.0.set_position(done);
    }

    /// What else is to be said.
    pub fn says(&self, words: String) {
        self.0.set_message(words);
    }

    /// Hides the bar while something is printed.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
