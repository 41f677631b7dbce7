//! `answer-aws`: answer before the deadline, however little is known.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "answer-aws",
    phase: Phase::Contain,
    when: |facts| facts.always(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed("Send the letter to AWS before the deadline", "期限までに AWS へ返信する"),
    done_text: Text::fixed("We answered this notice.", "この通知に返信しました。"),
    why: Text::fixed(
        "Silence gets the resource blocked, then the account suspended.",
        "返信がないと、リソースの遮断、さらにアカウントの停止に至る。",
    ),
    risk: Text::fixed("Read it first: it speaks in your name.", "自社の名で送られるため、必ず内容を確認する。"),
    undo: Text::fixed("", ""),
    how: Text::fixed(
        "Reply to the notice with its subject unchanged, plain text, no attachment (letter.en.txt); an interim answer asks for an extension with a date",
        "件名を変えず、プレーンテキスト・添付なしで通知に返信する（letter.en.txt）。途中経過の回答では、日付を示して延長を求める",
    ),
};
