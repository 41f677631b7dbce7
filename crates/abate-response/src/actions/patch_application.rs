//! `patch-application`: when it is proposed, why, how, what can go wrong, and what a letter may say once it was done.

use abate_model::{Claim, Phase, Text};

use super::Action;

/// The action.
pub(crate) static ACTION: Action = Action {
    id: "patch-application",
    phase: Phase::Prevent,
    when: |facts| facts.when(&[Claim::WebExploitSuccess, Claim::WebshellAccess, Claim::SsrfToMetadata]),
    title: Text::fixed(
        "Patch the web application; let upload folders run no scripts",
        "ウェブアプリケーションを更新し、アップロード先でスクリプトを実行できないようにする",
    ),
    done_text: Text::fixed(
        "We patched the web application and stopped upload folders from running scripts.",
        "ウェブアプリケーションを更新し、アップロード先でスクリプトを実行できないようにしました。",
    ),
    why: Text::fixed("The same hole will be used again the same day.", "同じ穴は、その日のうちに再び使われる。"),
    risk: Text::fixed("Test the update before going live.", "公開前に更新を検証する。"),
    undo: Text::fixed("Roll back the release.", "リリースを戻す。"),
    how: "update framework and plugins; deny script execution below the upload folder in the web server's configuration; consider AWS WAF",
};
