//! Under way: what is known, what is done, what is not, and until when the rest is to come.

use abate_model::{Paragraph, Text};

use crate::words::{both, own};
use crate::{Input, Limits, evidence, kind, measures, paragraphs};

pub(super) fn write(input: &Input<'_>, limits: Limits) -> Vec<Paragraph> {
    let mut letter = paragraphs::opening(Text::fixed(
        "This is an interim answer. We have received your report, are investigating it, and ask for more time as stated below.",
        "途中経過の回答です。ご報告を受領し、調査を進めています。下記のとおり期限の延長をお願いします。",
    ));
    letter.push(paragraphs::identification(input, limits));
    letter.push(paragraphs::extension(input, &reason(input, limits)));
    letter.push(Paragraph::formal(paragraphs::CAUSE));
    letter.extend(evidence::cause(input, limits));
    letter.extend(registered_use(input, limits));
    letter.extend(evidence::verdicts(input, limits));
    letter.push(Paragraph::formal(paragraphs::MEASURES));
    letter.push(measures::done(input, limits));
    letter.extend(measures::open(input, limits));
    letter.extend(paragraphs::in_force(input, limits));
    letter.extend(paragraphs::closing(
        input,
        Text::fixed(
            "Please confirm that you have received this answer and that the extension is granted.",
            "この回答の受領と、期限延長の可否をご連絡ください。",
        ),
    ));
    letter
}

/// A registered use that nobody has compared with the report yet: what we run, not what happened.
fn registered_use(input: &Input<'_>, limits: Limits) -> Option<Paragraph> {
    let registered = kind::registered_use(input)?;
    let text = own(&Text::new(registered.en.clone(), registered.ja.clone()), limits.chars);
    let (en, ja) = (text.en.trim_end_matches('.'), text.ja.trim_end_matches('。'));
    Some(Paragraph::formal(Text::new(
        format!("We run the following legitimate work in this account: {en}. We are checking whether the report is about it."),
        format!("このアカウントでは、次の正当な業務を行っています: {ja}。報告された活動がこれに当たるか確認中です。"),
    )))
}

/// Why more time is needed: the cause is open, or the measures are.
fn reason(input: &Input<'_>, limits: Limits) -> Text {
    let is_known = kind::likely(input).is_some();
    if is_known && measures::any_open(input) {
        return Text::fixed("the measures named below as open are not complete", "後述の対応が完了していないため");
    }
    let wishes: Vec<Text> = input.next_evidence.iter().take(limits.items.min(3)).map(|w| both(&w.what, limits.chars)).collect();
    if wishes.is_empty() {
        return Text::fixed("our investigation is not complete", "調査が完了していないため");
    }
    let en: Vec<&str> = wishes.iter().map(|w| w.en.as_ref()).collect();
    let ja: Vec<&str> = wishes.iter().map(|w| w.ja.as_ref()).collect();
    Text::new(
        format!("we still have to obtain and examine {}", en.join("; ")),
        format!("次の証跡の取得と調査が残っているため（{}）", ja.join("、")),
    )
}
