//! Mining: pools contacted or looked up, miners run, machines launched for it.

use abate_model::{Body, Claim, Filter, Table, Text, TimeWindow};

use super::{Corroboration, When, agree};
use crate::corroboration::question::{Question, Sign};
use crate::corroboration::{contact, dns};

/// Names of miners and of what they are told.
const MINERS: [&str; 10] =
    ["xmrig", "stratum+tcp", "stratum+ssl", "minerd", "cpuminer", "nbminer", "t-rex", "phoenixminer", "cryptonight", "randomx"];

pub(super) static CRYPTO_MINING: Corroboration = Corroboration {
    claims: &[Claim::OutboundMining, Claim::UnusualInstanceLaunch, Claim::MiningSoftware, Claim::ComputeAbuse],
    guardduty: &["CryptoCurrency:"],
    tables: &[Table::NetworkActivity, Table::DnsActivity, Table::ProcessActivity, Table::ApiActivity],
    expects: Text::fixed(
        "contact with a mining pool or a look-up of one, a miner among the processes, or machines launched for it",
        "採掘プールとの通信や名前解決、採掘プログラムの実行、または採掘用インスタンスの起動",
    ),
    agrees: agree::always,
    look,
    scope: None,
    outward: true,
    when: When::ThatTime,
};

fn look(question: &Question<'_>, window: TimeWindow) -> Vec<Sign> {
    let mut signs = contact::signs(question, window);
    signs.extend(dns::named(question, window));
    signs.extend(dns::pools(question, window));
    signs.extend(processes(question, window));
    signs
}

fn processes(question: &Question<'_>, window: TimeWindow) -> Option<Sign> {
    let mut sign: Option<Sign> = None;
    question.context.evidence.each(&Filter::table(Table::ProcessActivity).within(window), &mut |row| {
        let Body::Process(process) = &row.body else { return };
        let run = process.command.to_ascii_lowercase();
        let exe = process.exe.as_deref().unwrap_or_default().to_ascii_lowercase();
        let Some(miner) = MINERS.iter().find(|miner| run.contains(**miner) || exe.contains(**miner)) else { return };
        // Whoever looks for a miner names it as well.
        if ["grep ", "pkill ", "killall ", "find ", "rm "].iter().any(|tool| run.contains(tool)) {
            return;
        }
        let cite = question.context.evidence.cite(row);
        match &mut sign {
            Some(sign) => sign.add(row.at, cite),
            None => {
                let host = process.host.as_deref().unwrap_or("?");
                let text = Text::new(format!("a miner ({miner}) ran on {host}"), format!("{host} で採掘プログラム（{miner}）が実行された"));
                sign = Some(Sign::new(text, row.at, cite));
            }
        }
    });
    sign
}
