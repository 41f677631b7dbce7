//! Under way: what is known, what was done, what is open, and until when the rest will come.

use abate_model::Paragraph;
use abate_model::time::{local, utc};

use crate::Input;
use crate::paragraphs as p;

pub(super) fn write(input: &Input<'_>) -> Vec<Paragraph> {
    let mut letter = vec![p::greeting(), p::matter(input), p::extension(input), p::heading_cause()];
    letter.extend(p::verdicts(input));
    letter.extend(p::cause(input));
    letter.extend(p::under_way(input));
    letter.push(p::heading_measures());
    letter.extend(p::done(input));
    letter.extend(p::open(input));
    let until = p::until(input);
    letter.push(p::formal(
        &format!("Please confirm that you have received this and that the extension until {} is granted.", utc(until)),
        &format!("本メールの受領と、{}（{}）までの延長について、ご確認をお願いします。", utc(until), local(until, input.profile.zone())),
    ));
    letter.push(p::signature(input));
    letter
}
