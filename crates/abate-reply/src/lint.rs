//! The lint: what must not go out, and what to look at once more. [`all`] is the list of rules.

use abate_model::ids::mask_secrets;
use abate_model::letter::LintNote;
use abate_model::{Lang, Letter, LetterKind, StepState, Text};

use crate::{Input, MAX_CHARS};

/// A rule: its id, whether it forbids sending, and the check that gives the remark.
pub struct Rule {
    /// kebab-case id
    pub id: &'static str,
    /// whether the letter must not go out
    pub error: bool,
    check: fn(&Letter, &Input<'_>, &str) -> Option<Text>,
}

/// Every rule, errors first.
#[must_use]
pub fn all() -> Vec<Rule> {
    let error = |id, check| Rule { id, error: true, check };
    let warning = |id, check| Rule { id, error: false, check };
    vec![
        error("no-evidence", no_evidence),
        error("not-done", not_done),
        error("not-contained", not_contained),
        error("both-questions", both_questions),
        error("extension-date", extension_date),
        error("case-number", case_number),
        error("subject", subject),
        error("ascii", |_, _, body| {
            (!body.is_ascii())
                .then(|| Text::fixed("the English letter holds characters outside ASCII", "英文に ASCII 以外の文字が含まれています"))
        }),
        error("length", |_, _, body| {
            (body.len() > MAX_CHARS).then(|| Text::fixed("the letter is longer than 8,000 characters", "英文が 8,000 文字を超えています"))
        }),
        error("secret", |_, _, body| {
            (mask_secrets(body) != body)
                .then(|| Text::fixed("the letter seems to hold a secret key or token", "秘密鍵またはトークンらしき文字列が含まれています"))
        }),
        warning("signature", |_, _, body| {
            body.contains("[name]").then(|| {
                Text::fixed(
                    "nobody has signed: replace [name], or set the signer with 'abate profile set ACCOUNT --signer NAME'",
                    "署名がありません。[name] を置き換えるか「abate profile set アカウント --signer 名前」で設定してください",
                )
            })
        }),
        warning("private-address", private_address),
        warning("attachment", |_, _, body| {
            body.to_lowercase().contains("attach").then(|| {
                Text::fixed(
                    "AWS opens no attachments: put the evidence into the text",
                    "AWS は添付ファイルを開きません。証拠は本文に記載してください",
                )
            })
        }),
        warning("tone", tone),
        warning("replaced", |_, _, body| {
            body.contains("??").then(|| {
                Text::fixed(
                    "characters outside ASCII were replaced by '?': write them in Latin letters",
                    "ASCII 以外の文字が「?」に置き換えられました。ローマ字などで記載してください",
                )
            })
        }),
    ]
}

/// What the rules say of a letter, errors first.
#[must_use]
pub fn lint(letter: &Letter, input: &Input<'_>) -> Vec<LintNote> {
    let body = letter.body(Lang::En);
    all()
        .into_iter()
        .filter_map(|rule| (rule.check)(letter, input, &body).map(|text| LintNote { error: rule.error, rule: rule.id.to_owned(), text }))
        .collect()
}

fn no_evidence(letter: &Letter, _: &Input<'_>, _: &str) -> Option<Text> {
    let bare = letter.paragraphs.iter().find(|p| !p.is_grounded())?;
    let start: String = bare.text.en.chars().take(60).collect();
    Some(Text::new(format!("a statement cites nothing: {start}..."), format!("根拠のない記述があります: {start}…")))
}

/// A measure is claimed that nobody stated, or stands in the letter without being cited.
fn not_done(letter: &Letter, input: &Input<'_>, body: &str) -> Option<Text> {
    let open = input.plan.steps.iter().filter(|s| s.state == StepState::Proposed);
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let flat = words(body);
    let claimed = open.into_iter().find(|s| {
        letter.paragraphs.iter().any(|p| p.steps.contains(&s.id)) || flat.contains(&words(&crate::plain::ascii(&s.done_text.en, 1500)))
    })?;
    Some(Text::new(
        format!("'{}' is claimed, but nobody has stated that it was done", claimed.id),
        format!("「{}」は実施の記録がないのに、実施済みと書かれています", claimed.id),
    ))
}

fn not_contained(letter: &Letter, input: &Input<'_>, _: &str) -> Option<Text> {
    (letter.kind == LetterKind::Resolved && !input.is_contained()).then(|| {
        Text::fixed(
            "the letter says resolved while steps that contain the incident are open",
            "封じ込めの手順が残っているのに、解決済みの返信になっています",
        )
    })
}

fn both_questions(_: &Letter, _: &Input<'_>, body: &str) -> Option<Text> {
    (!(body.contains("1. ROOT CAUSE") && body.contains("2. MEASURES"))).then(|| {
        Text::fixed(
            "AWS asks for the root cause and for the measures: one of them is not answered",
            "AWS は根本原因と対策の両方を求めています。どちらかが欠けています",
        )
    })
}

fn extension_date(letter: &Letter, _: &Input<'_>, body: &str) -> Option<Text> {
    let flat = body.split_whitespace().collect::<Vec<_>>().join(" ");
    let dated = flat.split("until ").skip(1).any(|rest| rest.get(..23).is_some_and(|d| d.ends_with("UTC") && d.starts_with("20")));
    (letter.kind == LetterKind::Interim && !dated)
        .then(|| Text::fixed("an extension is asked for without a date", "延長の期限が書かれていません"))
}

fn case_number(_: &Letter, input: &Input<'_>, body: &str) -> Option<Text> {
    let number = input.notice.case_number.as_deref().filter(|n| n.is_ascii())?;
    (!body.contains(number)).then(|| Text::new(format!("the case number {number} is missing"), format!("ケース番号 {number} がありません")))
}

fn subject(letter: &Letter, input: &Input<'_>, _: &str) -> Option<Text> {
    let own = input.notice.subject.as_deref()?.trim();
    (!letter.subject.ends_with(own)).then(|| Text::fixed("the subject of the notice was changed", "通知の件名が変更されています"))
}

fn private_address(_: &Letter, _: &Input<'_>, body: &str) -> Option<Text> {
    let found =
        body.split(|c: char| !(c.is_ascii_digit() || c == '.')).find(|w| w.parse::<std::net::Ipv4Addr>().is_ok_and(|a| a.is_private()))?;
    Some(Text::new(
        format!("the letter names the internal address {found}; AWS can do nothing with it"),
        format!("内部アドレス {found} が記載されています（AWS には意味を持ちません）"),
    ))
}

fn tone(_: &Letter, _: &Input<'_>, body: &str) -> Option<Text> {
    let lower = body.to_lowercase();
    let word = [
        "world-class",
        "utmost",
        "sincerely apologize",
        "top priority",
        "robust",
        "state-of-the-art",
        "take security very seriously",
        "100%",
    ]
    .into_iter()
    .find(|w| lower.contains(w))?;
    Some(Text::new(
        format!("'{word}' says nothing: name a fact or leave it out"),
        format!("「{word}」は内容がありません。事実を書くか削除してください"),
    ))
}
