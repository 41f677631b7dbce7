//! It was not us, with proof. This letter exists only where every reported activity is contradicted by evidence.

use abate_model::{Claim, Paragraph, Text};

use crate::{Input, Limits, evidence, measures, paragraphs};

pub(super) fn write(input: &Input<'_>, limits: Limits) -> Vec<Paragraph> {
    let purpose = Text::fixed(
        "This is our answer to your report. Our records show that the reported activity did not come from our resources; the proof follows.",
        "ご報告への回答です。当社の記録から、報告された活動は当社のリソースによるものではないことが確認できました。以下に根拠を示します。",
    );
    let mut letter = paragraphs::opening(purpose.clone());
    // The purpose already says it, so that it rests on the same proof.
    letter.pop();
    letter.push(resting(input, purpose));
    letter.push(paragraphs::identification(input, limits));
    letter.push(Paragraph::formal(paragraphs::CAUSE));
    letter.extend(evidence::verdicts(input, limits));
    letter.push(Paragraph::formal(paragraphs::MEASURES));
    letter.push(resting(
        input,
        Text::fixed(
            "No corrective measure on our resources was called for, since the activity did not come from them.",
            "報告された活動は当社のリソースによるものではないため、当社のリソースに対する是正措置は行っていません。",
        ),
    ));
    if measures::any_done(input) {
        letter.push(measures::done(input, limits));
    }
    letter.push(Paragraph::formal(request(input)));
    letter.extend(paragraphs::lift(input, limits));
    letter.extend(paragraphs::closing(
        input,
        Text::fixed(
            "Please close this report for our account, or tell us which record you would like to see in plain text.",
            "当社アカウントに対する本件の終了をお願いします。確認が必要な記録があれば、テキストでお送りしますのでお知らせください。",
        ),
    ));
    letter
}

fn resting(input: &Input<'_>, text: Text) -> Paragraph {
    let findings = input.verdicts.iter().flat_map(|v| v.findings.iter().cloned()).take(12).collect();
    evidence::grounded(text, findings, input.verdicts.iter().flat_map(|v| v.evidence.iter().cloned()).take(12).collect())
}

fn request(input: &Input<'_>) -> Text {
    let is_proof = |id: &String| input.verdicts.iter().any(|v| v.findings.contains(id));
    let moved = |claim: Claim| matches!(claim, Claim::AddressNotYetOurs | Claim::AddressNoLongerOurs);
    if input.findings.iter().any(|f| moved(f.claim) && is_proof(&f.id)) {
        Text::fixed(
            "Please check which customer held the address at the reported time.",
            "報告された時刻に当該アドレスを使用していた利用者をご確認ください。",
        )
    } else {
        Text::fixed(
            "Please ask the reporter to check the source address and the time, with its time zone.",
            "送信元アドレスと時刻（タイムゾーンを含む）について、報告者への確認をお願いします。",
        )
    }
}
