//! `patch-application`: close the hole of the application.

use abate_model::{CauseClass, Claim, Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "patch-application",
    phase: Phase::Prevent,
    when: |facts| {
        facts.when_or(
            &[Claim::WebExploitSuccess, Claim::WebshellAccess, Claim::SsrfToMetadata],
            &[],
            Some(CauseClass::VulnerableApplication),
        )
    },
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Patch the web application, and let upload folders run no scripts",
        "ウェブアプリケーションを更新し、アップロード先でスクリプトを実行できないようにする",
    ),
    done_text: Text::fixed(
        "We patched the web application and stopped upload folders from running scripts.",
        "ウェブアプリケーションを更新し、アップロード先でスクリプトを実行できないようにしました。",
    ),
    why: Text::fixed("The same hole is used again the same day.", "同じ穴は、その日のうちに再び使われる。"),
    risk: Text::fixed("Test the update before going live.", "公開前に更新を検証する。"),
    undo: Text::fixed("Roll back the release (not advisable).", "リリースを戻す（推奨しない）。"),
    how: Text::fixed(
        "Update framework, plugins and dependencies; deny script execution below upload folders in the web server's configuration; AWS WAF managed rules as a second line",
        "フレームワーク・プラグイン・依存物を更新する。ウェブサーバーの設定でアップロード先のスクリプト実行を禁止する。AWS WAF のマネージドルールを併用する",
    ),
};
