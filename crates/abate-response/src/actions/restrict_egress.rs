//! `restrict-egress`: let hosts reach only what they need, so that the next intruder cannot use them against others.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "restrict-egress",
    phase: Phase::Prevent,
    when: |facts| facts.to_isolate(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Allow outbound traffic of {it} only to what the service needs",
        "{it}からの送信を、サービスに必要な宛先だけに制限する",
    ),
    done_text: Text::fixed(
        "We limited outbound traffic of {it} to what its service needs.",
        "{it}からの送信を、サービスに必要な宛先だけに制限しました。",
    ),
    why: Text::fixed(
        "A host that cannot reach strangers cannot scan, flood or spam them.",
        "外部に到達できないホストは、スキャンにも攻撃にもスパムにも使えない。",
    ),
    risk: Text::fixed(
        "Updates and APIs that were forgotten fail: watch the flow logs first.",
        "見落とした更新や API が失敗する。先にフローログで確認する。",
    ),
    undo: Text::fixed("Allow all outbound traffic again.", "全送信の許可に戻す。"),
    how: Text::fixed(
        "Security group egress: 443 to named destinations and prefix lists only; no port 25 (use SES); DNS Firewall or Network Firewall where names matter",
        "セキュリティグループの送信: 443 番を必要な宛先・プレフィックスリストに限定。25 番は使わない（SES を利用）。名前で制限する場合は DNS Firewall や Network Firewall",
    ),
};
