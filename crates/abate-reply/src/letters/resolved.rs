//! Root cause found, contained: both questions answered, and the request to close.

use abate_model::Paragraph;

use crate::Input;
use crate::paragraphs as p;

pub(super) fn write(input: &Input<'_>) -> Vec<Paragraph> {
    let mut letter = vec![p::greeting(), p::matter(input), p::heading_cause()];
    letter.extend(p::verdicts(input));
    letter.extend(p::cause(input));
    letter.push(p::heading_measures());
    letter.extend(p::done(input));
    letter.extend(p::open(input));
    letter.extend(p::lift(input));
    letter.push(p::formal(
        "Please tell us whether you see any further activity from this resource, and whether the case can be closed.",
        "このリソースからの活動がその後も見られるか、また案件を終了できるか、お知らせください。",
    ));
    letter.push(p::signature(input));
    letter
}
