//! `take-down-content`: copy the reported content, then take it off the web.

use abate_model::{Category, Claim, Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "take-down-content",
    phase: Phase::Contain,
    when: |facts| {
        facts.when_or(
            &[Claim::PhishingPageServed, Claim::WebshellAccess],
            &[Category::Phishing, Category::Malware, Category::Content, Category::Copyright],
            None,
        )
    },
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Copy, then take down the reported content and every script that was placed with it",
        "報告されたコンテンツと、併せて置かれたスクリプトを、複製した上で取り除く",
    ),
    done_text: Text::fixed(
        "We took down the reported content and the scripts that had been placed with it.",
        "報告されたコンテンツと、併せて置かれていたスクリプトを取り除きました。",
    ),
    why: Text::fixed("It is served to visitors as long as it is there.", "残っている限り、訪問者に配信される。"),
    risk: Text::fixed(
        "What is deleted without a copy cannot be examined. Taking the page down does not close the way in.",
        "複製せずに削除すると調査できない。ページを消しても侵入口は塞がらない。",
    ),
    undo: Text::fixed("Put the copy back (only if the complaint proves wrong).", "複製から戻す（申し立てが誤りだった場合のみ）。"),
    how: Text::fixed(
        "Copy the files with their times and owners (tar --xattrs -cpf) to a place off the host, note their SHA-256, then remove them and answer 410 for the path; purge CDN caches (aws cloudfront create-invalidation). Look for files changed at the same time: find DOCROOT -newermt 'TIME'. A copyright complaint: let your lawyer decide on a counter-notice.",
        "ファイルを時刻・所有者ごとホスト外にコピーし（tar --xattrs -cpf）、SHA-256 を控えてから削除し、そのパスには 410 を返す。CDN のキャッシュも消去する（aws cloudfront create-invalidation）。同時期に変更されたファイルを探す: find DOCROOT -newermt '時刻'。著作権侵害の申し立てへの異議は、弁護士に相談する。",
    ),
};
