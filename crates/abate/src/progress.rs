//! The progress bar: on standard error, only on a terminal, gone when the work is done.

use std::io::IsTerminal;

use abate_app::ports::Progress;
use abate_model::Lang;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar over the bytes of evidence, or the records of a drill.
pub struct Bar {
    bar: ProgressBar,
}

impl Bar {
    /// A bar; it stays hidden when standard error is no terminal or `quiet` is set.
    #[must_use]
    pub fn new(quiet: bool, lang: Lang) -> Self {
        Self::with(
            quiet,
            match lang {
                Lang::En => "reading evidence {wide_bar} {bytes}/{total_bytes} {eta}  {msg:!40}",
                Lang::Ja => "証跡を読み取り中 {wide_bar} {bytes}/{total_bytes} 残り {eta}  {msg:!40}",
            },
        )
    }

    /// A bar over the records of a drill, under the same conditions.
    #[must_use]
    pub fn drill(quiet: bool, lang: Lang) -> Self {
        Self::with(
            quiet,
            match lang {
                Lang::En => "writing the drill {wide_bar} {percent}% {eta}  {msg}",
                Lang::Ja => "演習データを書き出し中 {wide_bar} {percent}% 残り {eta}  {msg}",
            },
        )
    }

    fn with(quiet: bool, template: &str) -> Self {
        let bar = ProgressBar::hidden();
        if !quiet && std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// So much of about so much is done. What was expected may be a little wrong; the bar never shows more than all.
    pub fn set(&self, done: u64, expected: u64, what: &str) {
        self.bar.set_length(expected.max(done));
        self.bar.set_position(done);
        self.bar.set_message(what.to_owned());
    }
}

impl Progress for Bar {
    fn begin(&mut self, total_bytes: u64, _files: u64) {
        self.bar.set_length(total_bytes);
    }

    fn advance(&mut self, bytes: u64, what: &str) {
        self.bar.inc(bytes);
        self.bar.set_message(crate::screen::safe(what));
    }

    fn end(&mut self) {
        self.bar.finish_and_clear();
    }
}
