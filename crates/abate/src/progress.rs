//! The progress bar: on standard error, only on a terminal, gone when the work is done.

use std::io::IsTerminal;

use abate_app::ports::Progress;
use abate_model::Lang;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar over the bytes of evidence, or the records of a drill.
pub struct Bar {
    bar: ProgressBar,
    lang: Lang,
}

impl Bar {
    /// A bar; it stays hidden when standard error is no terminal or `quiet` is set.
    #[must_use]
    pub fn new(quiet: bool, lang: Lang) -> Self {
        let bar = ProgressBar::hidden();
        if !quiet && std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        Self { bar, lang }
    }

    /// A bar over the records of a drill, under the same conditions.
    #[must_use]
    pub fn drill(quiet: bool, lang: Lang) -> Self {
        let bar = Self::new(quiet, lang);
        bar.style("writing the drill {wide_bar} {percent}% {eta}  {msg}", "演習データを書き出し中 {wide_bar} {percent}% 残り {eta}  {msg}");
        bar
    }

    fn style(&self, en: &str, ja: &str) {
        let template = match self.lang {
            Lang::En => en,
            Lang::Ja => ja,
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
    }

    /// So much of about so much is done. What was expected may be a little wrong; the bar never shows more than all.
    pub fn set(&self, done: u64, expected: u64, what: &str) {
        self.bar.set_length(expected.max(done));
        self.bar.set_position(done);
        self.bar.set_message(what.to_owned());
    }
}

impl Progress for Bar {
    fn listed(&mut self, objects: u64, place: &str) {
        self.style("listing {msg}", "一覧を取得中 {msg}");
        self.bar.set_message(format!("{} {objects}", crate::screen::safe(place)));
        self.bar.tick();
    }

    fn begin(&mut self, total_bytes: u64, _files: u64) {
        self.style(
            "reading evidence {wide_bar} {bytes}/{total_bytes} {eta}  {msg:!40}",
            "証跡を読み取り中 {wide_bar} {bytes}/{total_bytes} 残り {eta}  {msg:!40}",
        );
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
