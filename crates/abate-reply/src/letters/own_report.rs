//! We found it ourselves and report it.

use abate_model::Paragraph;

use crate::Input;
use crate::paragraphs as p;

pub(super) fn write(input: &Input<'_>) -> Vec<Paragraph> {
    let mut letter = vec![
        p::greeting(),
        p::formal(
            "We are reporting misuse of our own AWS resources, which we noticed ourselves.",
            "当方で気づいた、自社の AWS リソースの不正利用について報告します。",
        ),
        p::matter(input),
        p::heading_cause(),
    ];
    letter.extend(p::verdicts(input));
    letter.extend(p::cause(input));
    letter.extend(p::under_way(input));
    letter.push(p::heading_measures());
    letter.extend(p::done(input));
    letter.extend(p::open(input));
    letter.push(p::formal(
        "Please tell us whether you have received reports about these resources, and whether you need anything else from us.",
        "これらのリソースに関する報告を受けているか、ほかに必要な情報があるか、お知らせください。",
    ));
    letter.push(p::signature(input));
    letter
}
