//! The progress bar: on standard error, only on a terminal, gone when the work is done.

use std::io::IsTerminal;

use abate_app::ports::Progress;
use abate_model::Lang;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar over the bytes of evidence.
pub struct Bar {
    bar: ProgressBar,
}

impl Bar {
    /// A bar; it stays hidden when standard error is no terminal or `quiet` is set.
    #[must_use]
    pub fn new(quiet: bool, lang: Lang) -> Self {
        let bar = ProgressBar::hidden();
        if !quiet && std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        let template = match lang {
            Lang::En => "reading evidence {wide_bar} {bytes}/{total_bytes} {eta}  {msg:!40}",
            Lang::Ja => "証跡を読み取り中 {wide_bar} {bytes}/{total_bytes} 残り {eta}  {msg:!40}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar }
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
