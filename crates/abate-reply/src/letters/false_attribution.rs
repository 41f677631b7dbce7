//! It was not us, with the proof.

use abate_model::Paragraph;

use crate::Input;
use crate::paragraphs as p;

pub(super) fn write(input: &Input<'_>) -> Vec<Paragraph> {
    let mut letter = vec![p::greeting(), p::matter(input), p::heading_cause()];
    letter.extend(p::verdicts(input));
    letter.extend(p::cause(input));
    letter.push(p::heading_measures());
    letter.push(p::formal(
        "There is nothing for us to stop, since the reported activity did not come from our resources.",
        "報告された活動は当方のリソースによるものではないため、停止すべきものはありません。",
    ));
    letter.extend(p::done(input).into_iter().filter(|d| !d.formal));
    letter.extend(p::lift(input));
    letter.push(p::formal(
        "Please check who held the address at the reported time, and close the case for our account.",
        "報告された時刻にアドレスを保有していた利用者をご確認の上、当方のアカウントについては案件の終了をお願いします。",
    ));
    letter.push(p::signature(input));
    letter
}
