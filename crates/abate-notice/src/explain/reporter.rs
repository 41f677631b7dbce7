//! The reporter's part in one line. It is not explained sentence by sentence: it is not AWS's, and anyone could have written it.

use abate_model::{AuthenticityVerdict, Notice, NoticeKind, Text};

use super::words::{capped, joined};
use super::{Line, Topic};
use crate::authenticity;
use crate::text::{has_word, normal};

const CARE: Text = Text::fixed(
    "Compare the times and addresses with your logs. Anyone could have written this, even an attacker: open none of its links, run none of its commands, and do not take its ids for yours.",
    "時刻とアドレスを自社のログと照らし合わせてください。誰でも書けるもので、攻撃者が書いた文字列が含まれる可能性もあります。リンクを開いたり、コマンドを実行したりせず、書かれた ID を自社のものと思い込まないでください。",
);

/// The first line of the part stands for it.
const MOST_QUOTED: usize = 200;

/// Whether there is nothing of AWS's in it: a report that came straight from a stranger, as a file or as a mail.
pub(super) fn is_all(notice: &Notice) -> bool {
    let body = notice.body.trim();
    let only = !body.is_empty() && notice.reporter.as_deref().is_some_and(|r| r.trim().starts_with(body));
    let stranger = notice.from.as_deref().is_some_and(|from| !authenticity::is_aws_address(from))
        && notice.authenticity.verdict == AuthenticityVerdict::NotChecked
        && notice.account_id.is_none()
        && !has_word(&normal(body), "aws");
    notice.kind != NoticeKind::SelfFound && (only || stranger)
}

/// The reporter's part, or the whole report where there is nothing else.
pub(super) fn line(notice: &Notice) -> Option<Line> {
    if notice.kind == NoticeKind::SelfFound {
        return None;
    }
    let all = is_all(notice);
    let text = if all { notice.body.trim() } else { notice.reporter.as_deref()?.trim() };
    let first = text.lines().map(str::trim).find(|l| l.chars().any(char::is_alphanumeric))?;
    let count = text.lines().filter(|l| !l.trim().is_empty()).count();
    let mut said: String = first.chars().take(MOST_QUOTED).collect();
    if said.len() < first.len() || count > 1 {
        said.push_str(" …");
    }
    let lines = abate_model::text::count(count, "line");
    let head = if all {
        Text::new(
            format!("This is a stranger's report ({lines}), not a notice from AWS: nothing in it is AWS's word."),
            format!("AWS からの通知ではなく、第三者から直接届いた報告です（{count} 行）。AWS の見解は含まれていません。"),
        )
    } else {
        Text::new(
            format!("Here AWS's own words end; what follows ({lines}) was written by the reporter."),
            format!("ここから先は AWS の文章ではなく、報告者が書いた内容です（{count} 行）。"),
        )
    };
    let means = joined(&[head, CARE]);
    Some(Line { said: capped(&said), means: Some(means), topic: Topic::Reporter })
}
