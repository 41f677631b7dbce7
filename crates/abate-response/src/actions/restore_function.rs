//! `restore-function`: bring a function back to the code that was deployed by ourselves.

use abate_model::{Claim, Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "restore-function",
    phase: Phase::Eradicate,
    when: |facts| facts.when(&[Claim::FunctionTampered]),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Restore the functions whose code, layers or rights were changed",
        "コード・レイヤー・権限が変更された関数を元に戻す",
    ),
    done_text: Text::fixed(
        "We restored the functions that had been changed without authorisation.",
        "権限なく変更された関数を元に戻しました。",
    ),
    why: Text::fixed("They run the intruder's code with our rights.", "侵入者のコードが自社の権限で実行される。"),
    risk: Text::fixed("Save the changed code first.", "先に変更後のコードを保存する。"),
    undo: Text::fixed("Deploy the saved code (not wanted).", "保存したコードを配置する（戻さない）。"),
    how: Text::fixed(
        "aws lambda get-function --region {region} --function-name NAME (keep code and configuration), then deploy from your repository; aws lambda get-policy and remove-permission for strangers",
        "aws lambda get-function --region {region} --function-name 名前（コードと設定を保存）の後、自社のリポジトリから再配置する。aws lambda get-policy で確認し、remove-permission で第三者の権限を削除する",
    ),
};
