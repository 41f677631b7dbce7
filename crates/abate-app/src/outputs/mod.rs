//! The files of a case folder.

mod exports;
mod report;
mod timeline;

use abate_model::{Case, Lang};

pub use exports::{ExportForm, export};

use crate::AppError;

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// its name in the case folder
    pub name: &'static str,
    /// its content
    pub bytes: Vec<u8>,
}

/// All files of a case: `case.json`, the letter in both languages, `plan.json`, `timeline.csv`, `report.html`.
///
/// # Errors
/// When something cannot be written as JSON, CSV or HTML.
pub fn files(case: &Case, lang: Lang, zone: &str) -> Result<Vec<OutputFile>, AppError> {
    Ok(vec![
        OutputFile { name: "case.json", bytes: json(case)? },
        OutputFile { name: "letter.en.txt", bytes: letter(case, Lang::En).into_bytes() },
        OutputFile { name: "letter.ja.txt", bytes: letter(case, Lang::Ja).into_bytes() },
        OutputFile { name: "plan.json", bytes: json(&case.plan)? },
        OutputFile { name: "timeline.csv", bytes: timeline::csv(case, zone) },
        OutputFile { name: "report.html", bytes: report::html(case, lang, zone)?.into_bytes() },
    ])
}

fn json<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, AppError> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The English letter is the mail's body, nothing more, so that it can be pasted as it is. The Japanese one is for the
/// approver and says so.
fn letter(case: &Case, lang: Lang) -> String {
    let body = case.letter.body(lang);
    match lang {
        Lang::En => body,
        Lang::Ja => format!(
            "【承認者用の日本語訳です。AWS へ送るのは letter.en.txt（英文）です。】\n件名: {}\n英文の SHA-256: {}\n\n{body}",
            case.letter.subject, case.letter.sha256
        ),
    }
}
