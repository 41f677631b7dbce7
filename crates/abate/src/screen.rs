//! What the terminal shows. Everything is understandable without colour; text from outside loses its control characters.

use std::io::Write;

use abate_app::Briefing;
use abate_app::briefing::verdict_word;
use abate_model::{Lang, Text, Verdict};
use anstyle::{AnsiColor, Style};

/// Heading.
pub const HEAD: Style = Style::new().bold();
/// Urgent or bad.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// Good.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// Doubtful.
pub const WARN: Style = AnsiColor::Yellow.on_default();
/// Less important.
pub const DIM: Style = Style::new().dimmed();

/// Text from outside, without anything a terminal would obey: control characters (C0, DEL, C1) and characters that
/// reorder text become `·`. Newlines stay.
#[must_use]
pub fn safe(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' => '\n',
            c if c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => '·',
            c => c,
        })
        .collect()
}

/// The same on one line: a name of a file may have line ends in it, and must not look like a line of ours.
#[must_use]
pub fn line(text: &str) -> String {
    safe(text).replace('\n', "·")
}

/// Shows the first page of a case.
pub fn briefing(out: &mut dyn Write, page: &Briefing, lang: Lang) -> std::io::Result<()> {
    let t = |text: &Text| safe(text.get(lang));
    let h = |en: &'static str, ja: &'static str| Text::fixed(en, ja).get(lang).to_owned();
    heading(out, &h("What is reported", "報告されている内容"))?;
    list(out, page.reported.iter().map(t))?;
    for mitigation in &page.mitigations {
        writeln!(out, "  {}{}: {}{:#}", WARN, h("Already blocked by AWS", "AWS による制限"), safe(mitigation), WARN)?;
    }
    if let Some(stage) = &page.stage {
        writeln!(out, "  {WARN}{}{WARN:#}", t(stage))?;
    }
    for message in &page.messages {
        writeln!(out, "  {DIM}{}{DIM:#}", t(message))?;
    }
    if let Some(sender) = &page.sender {
        writeln!(out, "  {BAD}{}{BAD:#}", t(sender))?;
    }
    heading(out, &h("Answer due", "回答期限"))?;
    let style = if page.overdue { BAD } else { HEAD };
    writeln!(out, "  {style}{}{style:#}", t(&page.deadline))?;
    heading(out, &h("The first ten minutes", "最初の 10 分"))?;
    list(out, page.first.iter().map(t))?;
    if page.read.is_empty() && page.unread.is_empty() {
        heading(out, &h("Evidence", "証跡"))?;
        writeln!(
            out,
            "  {}",
            h(
                "none given yet: 'abate collect-script NOTICE' writes a script that fetches it",
                "まだ与えられていません。「abate collect-script 通知」で収集用スクリプトを作れます"
            )
        )?;
    } else {
        heading(out, &h("What was read", "読み取った証跡"))?;
        list(out, page.read.iter().map(t))?;
        if !page.unread.is_empty() {
            heading(out, &h("What could not be read", "読み取れなかったもの"))?;
            list(out, page.unread.iter().map(|u| format!("{WARN}{}{WARN:#}", t(u))))?;
        }
    }
    conclusions(out, page, lang)
}

fn conclusions(out: &mut dyn Write, page: &Briefing, lang: Lang) -> std::io::Result<()> {
    let t = |text: &Text| safe(text.get(lang));
    let h = |en: &'static str, ja: &'static str| Text::fixed(en, ja).get(lang).to_owned();
    heading(out, &h("Does our own evidence confirm it?", "自社の証跡で確認できるか"))?;
    for (verdict, why) in &page.verdicts {
        let style = match verdict {
            Verdict::Confirmed => BAD,
            Verdict::Contradicted => GOOD,
            Verdict::NotSeen | Verdict::NotChecked => WARN,
        };
        writeln!(out, "  - {style}{}{style:#}: {}", t(&verdict_word(*verdict)), t(why))?;
    }
    heading(out, &h("Root cause", "根本原因"))?;
    writeln!(out, "  {}", t(&page.cause))?;
    if let Some(reason) = &page.cause_for {
        writeln!(out, "  {}: {}", h("strongest evidence", "最も強い根拠"), t(reason))?;
    }
    if let Some(reason) = &page.cause_against {
        writeln!(out, "  {}: {}", h("against it", "反する事実"), t(reason))?;
    }
    heading(out, &h("Next", "次に行うこと"))?;
    for (n, step) in page.next.iter().enumerate() {
        writeln!(out, "  {}. {}", n + 1, t(step))?;
    }
    Ok(())
}

/// A heading with a blank line before it.
pub fn heading(out: &mut dyn Write, words: &str) -> std::io::Result<()> {
    writeln!(out, "\n{HEAD}{words}{HEAD:#}")
}

fn list(out: &mut dyn Write, lines: impl Iterator<Item = String>) -> std::io::Result<()> {
    for line in lines {
        writeln!(out, "  - {line}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_log_line_cannot_drive_the_terminal() {
        assert_eq!(super::safe("a\u{1b}[31mred\u{7}\r\u{202e}x\nb"), "a·[31mred···x\nb");
        assert_eq!(super::line("a.log\n0 lost"), "a.log·0 lost");
    }
}
