//! What was looked at, and what is missing, in words.

use abate_model::time::utc;
use abate_model::{Clock, Coverage, Table, Text};

/// Joins sentences.
pub(super) fn and(text: &Text, more: &Text) -> Text {
    match (text.en.is_empty(), more.en.is_empty()) {
        (_, true) => text.clone(),
        (true, _) => more.clone(),
        _ => Text::new(format!("{} {}", text.en, more.en), format!("{}{}", text.ja, more.ja)),
    }
}

/// What would be needed.
pub(super) fn missing(table: Table) -> Text {
    match table {
        Table::NetworkActivity => Text::fixed("missing: VPC Flow Logs that cover the reported time", "不足: 報告時刻を含む VPC フローログ"),
        Table::ApiActivity => Text::fixed("missing: CloudTrail that covers the reported time", "不足: 報告時刻を含む CloudTrail"),
        Table::HttpActivity => Text::fixed(
            "missing: access logs of the web server that cover the reported time",
            "不足: 報告時刻を含むウェブサーバーのアクセスログ",
        ),
        Table::InventoryInfo => {
            Text::fixed("missing: describe output of instances and security groups", "不足: インスタンスとセキュリティグループの構成情報")
        }
        Table::EmailActivity => Text::fixed(
            "missing: logs of the mail server, or SES events, that cover the reported time",
            "不足: 報告時刻を含むメールサーバーのログまたは SES のイベント",
        ),
        Table::DnsActivity => Text::fixed(
            "missing: Route 53 Resolver query logs that cover the reported time",
            "不足: 報告時刻を含む Route 53 Resolver のクエリログ",
        ),
        other => {
            let logs = other.logs();
            Text::new(format!("missing: {}", logs.en), format!("不足: {}", logs.ja))
        }
    }
}

/// One line on what is covered. It begins with the table's name.
pub(super) fn coverage(c: &Coverage, clocks: &[Clock]) -> Text {
    let scope = [&c.scope.account, &c.scope.region, &c.scope.host].into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
    let span = match (c.from, c.to) {
        (Some(from), Some(to)) => format!("{} - {}", utc(from), utc(to)),
        _ => "-".to_owned(),
    };
    let (gaps_en, gaps_ja) = if c.continuous {
        (format!(", {} gaps", c.gaps.len()), format!("、欠落 {} 箇所", c.gaps.len()))
    } else {
        (String::new(), String::new())
    };
    let lost = if c.lost > 0 {
        (format!(", {} records unreadable", c.lost), format!("、読めない記録 {} 件", c.lost))
    } else {
        (String::new(), String::new())
    };
    let off = clocks.iter().find(|clock| clock.is_off() && clock.wrote(c));
    let (clock_en, clock_ja) =
        off.map_or_else(Default::default, |clock| (format!("; its clock: {}", clock.says.en), format!("。時計: {}", clock.says.ja)));
    Text::new(
        format!("{} {scope}: {span}, {} records{gaps_en}{}{clock_en}", c.table.name(), c.records, lost.0),
        format!("{} {scope}: {span}、{} 件{gaps_ja}{}{clock_ja}", c.table.name(), c.records, lost.1),
    )
}
