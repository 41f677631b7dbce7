//! `crawler-manners`: make a crawler slow, recognisable and easy to refuse.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "crawler-manners",
    phase: Phase::Contain,
    when: |facts| facts.if_crawler(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Limit the crawler's rate, honour robots.txt, and name a contact in its User-Agent",
        "クローラーの速度を制限し、robots.txt に従い、User-Agent に連絡先を明記する",
    ),
    done_text: Text::fixed(
        "We limited the rate of our crawler and put a contact address into its User-Agent.",
        "クローラーの速度を制限し、User-Agent に連絡先を明記しました。",
    ),
    why: Text::fixed(
        "Whoever is crawled can then recognise and refuse it instead of reporting it.",
        "相手が識別して拒否できれば、通報を避けられる。",
    ),
    risk: Text::fixed("Crawls take longer.", "収集に時間がかかる。"),
    undo: Text::fixed("Restore the settings.", "設定を戻す。"),
    how: Text::fixed(
        "In the crawler's settings: one request a second for each host or slower, back off on 429 and 503, User-Agent with URL and mail address, exclusion list",
        "クローラーの設定: 1 ホストあたり毎秒 1 リクエスト以下、429・503 では待機、User-Agent に URL とメールアドレス、除外リスト",
    ),
};
