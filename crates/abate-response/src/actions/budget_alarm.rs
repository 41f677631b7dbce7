//! `budget-alarm`: notice by the bill what no log shows.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "budget-alarm",
    phase: Phase::Prevent,
    when: |facts| facts.unless_innocent(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed("Set a budget alarm", "予算アラームを設定する"),
    done_text: Text::fixed("We set a budget alarm.", "予算アラームを設定しました。"),
    why: Text::fixed("Mining and mass mailing show in the bill first.", "採掘や大量送信は、まず請求額に表れる。"),
    risk: Text::fixed("None.", "なし。"),
    undo: Text::fixed(
        "aws budgets delete-budget --account-id ACCOUNT --budget-name NAME",
        "aws budgets delete-budget --account-id ACCOUNT --budget-name 名前",
    ),
    how: Text::fixed(
        "Console: Billing and Cost Management > Budgets > Create budget; Cost Anomaly Detection > Create monitor",
        "コンソール: 請求とコスト管理 > 予算 > 予算を作成、コスト異常検出 > モニターを作成",
    ),
};
