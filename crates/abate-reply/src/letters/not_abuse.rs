//! It was ours, and it is not abuse: the use case, as the account's profile states it.

use abate_model::Paragraph;

use crate::Input;
use crate::paragraphs as p;

pub(super) fn write(input: &Input<'_>) -> Vec<Paragraph> {
    let mut letter = vec![p::greeting(), p::matter(input), p::heading_cause()];
    letter.extend(p::verdicts(input));
    for usage in input.profile.legitimate_uses.iter().filter(|u| u.category == input.notice.category) {
        letter.push(p::formal(
            &format!("The activity is ours and intended: {}.", usage.en),
            &format!("この活動は当方による意図したものです: {}。", usage.ja),
        ));
    }
    letter.extend(p::cause(input));
    letter.push(p::heading_measures());
    letter.extend(p::done(input));
    letter.extend(p::lift(input));
    letter.push(p::formal(
        "If this use is not acceptable as it is, please tell us what to change. Otherwise please close the case.",
        "この利用に問題がある場合は、変更すべき点をお知らせください。問題がなければ、案件の終了をお願いします。",
    ));
    letter.push(p::signature(input));
    letter
}
